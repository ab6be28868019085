"""LiRA for two to sixteen references: what they leave open is integrated over."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.references import student_t

STUDENT_T: Final = ReferenceAttack("student-t", student_t.learn, student_t.LEAST)
