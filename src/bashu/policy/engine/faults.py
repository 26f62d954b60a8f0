"""What can be wrong with a rule. Whoever knows the file and line adds them."""


class RuleFault(ValueError):
    """A rule that cannot mean anything: wrong unit, unknown name, cycle, range beyond 64 bits."""


class NotInForce(RuleFault):
    """A parameter has no value for this jurisdiction on this day."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"{parameter} has no value in force")
        self.parameter = parameter
