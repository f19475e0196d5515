"""The Jobs of Invariance. torch is imported when they run, and not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.imaging.distortions import Distortion, Kind, distort
from explorer.interop.classes import ClassScore
from explorer.learning.samples import FASHION_CLASSES
from explorer.media.pictures import Picture
from explorer.tasks.job import Context
from explorer.tasks.priority import step_back
from explorer.ui.workspaces.filters.invariance.contenders import Contender, Stable

if TYPE_CHECKING:
    from explorer.imaging.invariance import Curve, LayerShift
    from explorer.imaging.subject import Subject

CLASSES = 3


@dataclass(frozen=True, eq=False)
class Answer:
    """What one network says of the distorted picture. `classes` is None where none can be named.

    `meant` is the probability of the class that is meant, `distance` that of the features from those of the
    undistorted picture, relative to their length.
    """

    key: str
    random: bool
    classes: tuple[ClassScore, ...] | None
    meant: float
    distance: float


@dataclass(frozen=True, eq=False)
class Compared:
    """The picture as the first network sees it, plain and distorted, and what each says."""

    plain: Picture
    distorted: Picture
    answers: tuple[Answer, ...]


def knows_fashion(subject: Subject) -> bool:
    """Whether a network was trained on what the sample's labels mean; any other names its own class."""
    trained = subject.network.trained
    return trained is not None and trained.classes == FASHION_CLASSES and not subject.random


@dataclass(frozen=True)
class Compare:
    """One picture, distorted, through the networks."""

    contenders: tuple[Contender, ...]
    picture: Picture
    label: int | None
    distortion: Distortion
    stable: Stable

    title = "Comparing two networks"

    def run(self, context: Context) -> Compared:
        """Raises UserError for a network that cannot run, takes no picture or has no scores."""
        step_back()
        context.progress(None, "Starting PyTorch")
        from explorer.imaging.invariance import scores_and_features

        context.progress(None, self.title)
        answers = []
        shown: list[Picture] = []
        for contender in self.contenders:
            context.check()
            subject = self.stable.subject(contender)
            plain = subject.seen(subject.inputs(self.picture))
            distorted = distort(plain, self.distortion)
            shown += [plain, distorted]
            scores, features = scores_and_features(subject, [plain, distorted], context.check)
            label = self.label if knows_fashion(subject) else None
            meant = int(scores[0].argmax()) if label is None else label
            named = subject.network.trained
            classes = None
            if named is not None and len(named.classes) == scores.shape[1] and not subject.random:
                best = scores[1].argsort(descending=True)[:CLASSES].tolist()
                classes = tuple(ClassScore(named.classes[one], float(scores[1, one])) for one in best)
            far = float((features[1] - features[0]).norm() / features[0].norm().clamp_min(1e-12))
            answers.append(Answer(contender.key, bool(subject.random), classes, float(scores[1, meant]), far))
        return Compared(shown[0], shown[1], tuple(answers))


@dataclass(frozen=True, eq=False)
class Curves:
    """A curve for each network that has been through, by key."""

    kind: Kind
    found: dict[str, Curve]


@dataclass(frozen=True)
class Measure:
    """The networks over all amounts of one distortion. Shows `Curves` as they become known."""

    contenders: tuple[Contender, ...]
    pictures: tuple[Picture, ...]
    labels: tuple[int, ...] | None
    kind: Kind
    distortion: Distortion
    stable: Stable

    @property
    def title(self) -> str:
        return f"{self.kind.title}: two networks over all amounts"

    def run(self, context: Context) -> Curves:
        """Raises UserError as `Compare` does."""
        step_back()
        context.progress(None, "Starting PyTorch")
        from explorer.imaging.invariance import curve

        found: dict[str, Curve] = {}
        count = len(self.contenders)
        for place, contender in enumerate(self.contenders):
            subject = self.stable.subject(contender)
            labels = self.labels if knows_fashion(subject) else None
            steps = curve(subject, self.pictures, labels, self.kind, self.distortion, context.check)
            for share, whole in steps:
                context.progress((place + share) / count, self.title)
                if whole is not None:
                    found[contender.key] = whole
                    context.show(Curves(self.kind, dict(found)))
        return Curves(self.kind, found)


@dataclass(frozen=True, eq=False)
class Layers:
    """What a shift by so many pixels does to the layers of each network, by key."""

    pixels: int
    found: dict[str, tuple[LayerShift, ...]]


@dataclass(frozen=True)
class LookAtLayers:
    """A shift to the right, layer by layer. `share` is of the width."""

    contenders: tuple[Contender, ...]
    pictures: tuple[Picture, ...]
    share: float
    stable: Stable

    title = "A shift, layer by layer"

    def run(self, context: Context) -> Layers:
        """Raises UserError as `Compare` does."""
        step_back()
        context.progress(None, "Starting PyTorch")
        from explorer.imaging.invariance import by_layer

        found = {}
        pixels = 1
        for contender in self.contenders:
            subject = self.stable.subject(contender)
            pixels = max(1, round(abs(self.share) * subject.shape[2]))
            found[contender.key] = by_layer(subject, self.pictures, pixels, context.check)
        return Layers(pixels, found)
