"""Where a pretrained model lies: a folder of the user's, or a fixed commit from the hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.errors import IntegrityError, UnavailableError, UsageError

if TYPE_CHECKING:
    from sc_deploy.recipe import NetworkSection

HUB_NAME: Final = re.compile(r"[\w.-]+/[\w.-]+")
CONFIGURATION: Final = "config.json"
WEIGHTS: Final = "*.safetensors"
CODE: Final = "*.py"


def resolved(section: NetworkSection, folder: Path) -> NetworkSection:
    """The section with a local `pretrained` made absolute; `folder` is the recipe's.

    Raises UsageError for what is neither a folder nor a model at a fixed commit of the hub.
    """
    given = section.pretrained
    if given is None:
        return section
    local = folder / given
    if local.is_dir():
        return section.model_copy(update={"pretrained": str(local.resolve())})
    if given.startswith((".", "/", "~")) or not HUB_NAME.fullmatch(given):
        raise UsageError(
            f"network.pretrained: there is no folder {local}",
            remedy="give a folder relative to the recipe, or organisation/name on the hub",
        )
    if section.revision is None:
        raise UsageError(
            f"network.pretrained: {given} on the hub can change at any time",
            remedy="set network.revision to the commit that you mean, 40 hex digits",
        )
    return section


def is_remote(section: NetworkSection) -> bool:
    """Whether a resolved `pretrained` is a model on the hub."""
    return section.pretrained is not None and not Path(section.pretrained).is_absolute()


def locate(section: NetworkSection) -> Path:
    """The folder of `pretrained`; what is on the hub is fetched, or found in its cache.

    Only configuration and safetensors weights are fetched, and code where it is trusted. Raises
    UnavailableError.
    """
    assert section.pretrained is not None
    if not is_remote(section):
        return Path(section.pretrained)
    from huggingface_hub import snapshot_download

    wanted = [CONFIGURATION]
    wanted += [] if section.from_scratch else [WEIGHTS, f"{WEIGHTS}.index.json"]
    wanted += [CODE] if section.trust_remote_code else []
    try:
        return Path(
            snapshot_download(section.pretrained, revision=section.revision, allow_patterns=wanted)
        )
    # Any kind of failure of a network library means the same to the user.
    except Exception as error:
        raise UnavailableError(
            f"{section.pretrained} cannot be fetched from the hub: {error}",
            remedy="look at the name, the revision and the network; or fetch "
            f"https://huggingface.co/{section.pretrained}/tree/{section.revision} elsewhere "
            "(config.json and *.safetensors) and let network.pretrained be that folder",
        ) from error


def configuration_digest(section: NetworkSection) -> str | None:
    """Digest of the configuration and of code that is trusted; None without `pretrained`."""
    if section.pretrained is None:
        return None
    code = [CODE] if section.trust_remote_code else []
    return _digest(locate(section), [CONFIGURATION, *code])


def weights_digest(section: NetworkSection) -> str | None:
    """Digest of the weights that training starts from; None where there are none.

    Raises IntegrityError for a folder whose weights would have to be unpickled.
    """
    if section.pretrained is None or section.from_scratch:
        return None
    folder = locate(section)
    if not any(folder.glob(WEIGHTS)):
        raise IntegrityError(
            f"{folder} holds no safetensors weights, and pickles are never opened",
            remedy="save the model again with save_pretrained(), or set network.from_scratch",
        )
    return _digest(folder, [WEIGHTS, f"{WEIGHTS}.index.json"])


def _digest(folder: Path, patterns: list[str]) -> str:
    names = sorted({path.name for pattern in patterns for path in folder.glob(pattern)})
    files = digest.of_files(folder, names)
    return digest.of_json([[file.path, file.sha256] for file in files])
