"""Where on the ring of all samples does the block of a reference model's members begin?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Ring:
    """`samples` in one fixed order, closed to a ring, of which each of `count` models trains on a
    block of `members`.

    The blocks begin at floor(k * samples / count) for k = 0 … count - 1, so that a sample lies in
    floor or ceil of count * members / samples of them: in none of them all as soon as the share
    outside is 1 / count or more, in one at least as soon as the share inside is.
    """

    samples: int
    members: int
    count: int

    def begin(self, number: int) -> int:
        """The position in [0, samples) where the block of model `number` begins.

        Models 2j and 2j + 1 begin half a ring apart. A ring of twice as many models begins with
        those of this one, because its pairs come in the order of van der Corput's sequence: of
        8 models the first four are those of 4, and the others halve what lies between.
        """
        pair, second = divmod(number, 2)
        round_, within = divmod(pair, self._odd)
        share = (within + _radical_inverse(round_)) / (2 * self._odd)
        return int(self.samples * (share + Fraction(second, 2)))

    @property
    def _odd(self) -> int:
        """Into how many parts the half ring is cut before parts are halved.

        With as many members as others a pair covers every sample once, wherever it begins, so
        that any number of pairs will do.
        """
        if 2 * self.members == self.samples:
            return 1
        pairs = self.count // 2
        return pairs // (pairs & -pairs)


def _radical_inverse(number: int) -> Fraction:
    """The binary digits of `number` mirrored at the point: 0, 1/2, 1/4, 3/4, 1/8, …"""
    found, weight = Fraction(0), Fraction(1, 2)
    while number:
        number, digit = divmod(number, 2)
        found += digit * weight
        weight /= 2
    return found
