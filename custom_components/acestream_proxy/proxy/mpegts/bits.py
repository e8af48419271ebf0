"""Fields of some bits each, as the syntax tables of H.264, H.265 and H.262 list them.

ITU-T H.264 section 7.2 has the kinds of fields there are.
"""


class BitReader:
    """Reads the fields of a parameter set, one after the other.

    Every read raises EOFError where the field is not all there.
    """

    def __init__(self, data: bytes) -> None:
        self._rest = int.from_bytes(data)
        self._left = 8 * len(data)

    def number(self, size: int) -> int:
        """Return an unsigned number of so many bits."""
        self._left -= size
        if self._left < 0:
            raise EOFError
        value = self._rest >> self._left
        self._rest -= value << self._left
        return value

    def flag(self) -> bool:
        """Return a field of one bit."""
        return self.number(1) == 1

    def code(self) -> int:
        """Return an unsigned number in an Exp-Golomb code (section 9.1).

        After so many zeros come a one and as many bits again: 1 is 0, 010 is 1, 011 is 2.
        """
        zeros = self._left - self._rest.bit_length()
        return self.number(2 * zeros + 1) - 1

    def signed_code(self) -> int:
        """Return a signed number in an Exp-Golomb code: 1 is 0, 010 is 1, 011 is -1."""
        code = self.code()
        return (code + 1) // 2 if code % 2 else -code // 2

    def skip(self, size: int) -> None:
        """Pass over so many bits."""
        self.number(size)

    def skip_codes(self, count: int) -> None:
        """Pass over so many Exp-Golomb codes, of unsigned or signed numbers."""
        for _ in range(count):
            self.code()
