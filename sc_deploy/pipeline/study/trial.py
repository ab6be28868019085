"""One arm with one seed: a model is made, and audited on samples that no choice ever saw."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, predictions, workspace
from sc_deploy.audit.evidence import NEEDED
from sc_deploy.audit.findings.accuracy import accuracy, balanced
from sc_deploy.audit.findings.leakage import View, subject
from sc_deploy.audit.scores import Attackers, Exposed, score
from sc_deploy.contracts import Cost, Curve, Role, Subject, Trial
from sc_deploy.pipeline import ledger, models
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline.jobs import job_of
from sc_deploy.pipeline.study.design import CONFIDENCE, FPR
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.contracts import Checkpoint, Predictions, Rate, Roles
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder

STAGE: Final = "trial"
SOURCE: Final = "source"
WHERE: Final = "study"


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Where and from what the model of one arm and seed is made."""

    arm: str
    run: RunFolder
    problem: Problem
    roles: Roles

    @property
    def seed(self) -> int:
        return self.problem.recipe.seed

    @property
    def key(self) -> str:
        """Digest of all that the model is made from."""
        return problems.training_digest(self.problem, self.roles)

    @property
    def cost_file(self) -> Path:
        return self.run.root / "cost.json"

    @property
    def trial_file(self) -> Path:
        return self.run.root / "trial.json"

    def trial_key(self, basis: str) -> str:
        """Digest of all that the trial rests on; `basis` is that of a model taken from another."""
        counted = ["balanced"] if self.balanced else []
        attacks = self.problem.policy.attacks
        return digest.of_json([self.key, basis, list(attacks), FPR, CONFIDENCE, *counted])

    @property
    def balanced(self) -> bool:
        """Whether the recipe counts accuracy as a mean over classes."""
        return self.problem.recipe.compress.accuracy == "balanced"


def done(setting: Setting, basis: str = "") -> Trial | None:
    """The finished trial; None where it is not done. Raises IntegrityError for changed files."""
    run = setting.run
    if not run.is_done(STAGE, setting.trial_key(basis)):
        return None
    run.require("compress")
    return workspace.read_document(setting.trial_file, Trial)


def compress(setting: Setting, progress: Progress) -> None:
    """Compress as `scdeploy compress` does, counting what it costs; skipped where it was done."""
    from sc_deploy.compress import resume, stage
    from sc_deploy.compress.training.meter import Meter

    run, problem = setting.run, setting.problem
    if run.is_done("compress", setting.key):
        return
    begin(setting)
    whole, meter, began = not resume.exists(run), Meter(), time.perf_counter()
    job = meter.attach(job_of(problem, setting.roles))
    made = stage.compress(job, run, resume=True, progress=progress)
    seconds = round(time.perf_counter() - began, 3)
    examined = max(0, meter.examined - _observed(job))
    cost = Cost(seconds, meter.trained, examined, whole)
    finish(setting, made, cost, stage.outputs(job, run))


def publish(setting: Setting, state: TrainingState, cost: Cost, progress: Progress) -> None:
    """Enter a state of another training as the model of this arm."""
    from sc_deploy.compress import checkpoint, stage
    from sc_deploy.compress.job import recipe_digest
    from sc_deploy.compress.observe import observe

    begin(setting)
    job = job_of(setting.problem, setting.roles)
    origin = checkpoint.Origin(job.network, recipe_digest(job.recipe), job.roles.digest)
    made = checkpoint.save(setting.run.compressed, state, origin)
    model = checkpoint.load_model(setting.run.compressed, job.factory)
    observe(model, job, setting.run, subject=SOURCE, progress=progress)
    # Nothing competed, so that there is no history, and no other trace of a search.
    written = (path for path in stage.outputs(job, setting.run) if path.is_file())
    finish(setting, made, cost, tuple(written))


def begin(setting: Setting) -> None:
    problems.lock(setting.run, setting.problem)
    role_files.save(setting.roles, setting.run.roles)


def finish(setting: Setting, made: Checkpoint, cost: Cost, outputs: tuple[Path, ...]) -> None:
    run = setting.run
    models.write(run, made)
    workspace.write_document(setting.cost_file, cost)
    more = (run.roles, run.compressed / "models.json", setting.cost_file)
    run.finish("compress", setting.key, (*outputs, *more))


def audit(setting: Setting, *, basis: str = "", note: str = "") -> Trial:
    """Fit the policy's attackers on calibration samples, score audit samples, write the trial.

    The look is entered into the run's ledger before it happens. Raises IntegrityError.
    """
    from sc_deploy.compress import checkpoint

    run = setting.run
    run.require("compress")
    document = workspace.read_document(run.compressed / checkpoint.NETWORK, checkpoint.NetworkFile)
    made = checkpoint.load(run.compressed)
    ledger.record(run, roles_digest=setting.roles.digest, artifact_digest=made.digest, device=WHERE)
    found = Trial(
        arm=setting.arm,
        seed=setting.seed,
        roles_digest=setting.roles.digest,
        model_digest=made.digest,
        step=document.step,
        density=made.density,
        validation=_validation(setting),
        subject=_subject(setting),
        cost=workspace.read_document(setting.cost_file, Cost),
        note=note,
    )
    workspace.write_document(setting.trial_file, found)
    run.finish(STAGE, setting.trial_key(basis), (setting.trial_file,))
    return found


def _validation(setting: Setting) -> Rate:
    measure = balanced if setting.balanced else accuracy
    return measure(_answers(setting, Role.VALIDATION), confidence=CONFIDENCE)


def _subject(setting: Setting) -> Subject:
    """Accuracy, and every attack of the policy; the ROC curves are left out."""
    answers = {role: _answers(setting, role) for role in NEEDED}
    attackers = Attackers(setting.seed)
    scores = [
        score(attack, Exposed(answers), attackers, quantization=None)
        for attack in setting.problem.policy.attacks
        if not Exposed(answers).lacks(attack)
    ]
    noisy = setting.problem.recipe.task.label_noise > 0.0
    clean = setting.roles.sample_id[~setting.roles.flipped] if noisy else None
    view = View(CONFIDENCE, (FPR,), clean, balanced=setting.balanced)
    found = subject(SOURCE, answers, scores, view)
    bare = tuple(replace(attack, curve=Curve((), ())) for attack in found.attacks)
    return replace(found, attacks=bare)


def _answers(setting: Setting, role: Role) -> Predictions:
    return predictions.read(setting.run.predictions(SOURCE, role))[0]


def _observed(job: Job) -> int:
    """Samples whose answers are written down when all is over: no part of the search."""
    return sum(len(job.roles.rows(role)) for role in job.inhabited)
