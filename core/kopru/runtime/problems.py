"""What can go wrong while an installation starts, runs or stops."""

from kopru.model import Text
from kopru.runtime.texts import TEXTS


class RuntimeProblem(Exception):
    """The installation cannot start or stop a part of itself."""

    def __init__(self, code: str, *, detail: str = "", lasting: bool = False, **values: object) -> None:
        """Take the stable code, the developer's detail and the values its text names.

        ``lasting`` means that trying again cannot help before somebody acts.
        """
        self.code = code
        self.message: Text = TEXTS.text(code, **values)
        self.detail = detail
        self.lasting = lasting
        super().__init__(f"{code}: {self.message.en}" + (f"\n{detail}" if detail else ""))
