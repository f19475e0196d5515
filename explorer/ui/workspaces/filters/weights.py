"""Kernels to and from the open network: its first filters into the list, a kernel into its weights."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from explorer.imaging.kernels import Kernel
from explorer.imaging.network_kernels import first_convolution, first_filters, use_as_weights
from explorer.network.graph import Network
from explorer.network.operations import Change
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.filters.kernel_list import KernelList
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.newest import Newest
from explorer.ui.workspaces.filters.weights_form import WeightsForm


class NetworkWeights(QObject):
    """Keeps the list of kernels and the form for weights up to date with the open network."""

    used = Signal(str)
    """The kernel is in this node's weights."""

    def __init__(
        self, lab: Lab, surroundings: Surroundings, kernels: KernelList, form: WeightsForm, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._lab, self._surroundings, self._kernels, self._form = lab, surroundings, kernels, form
        self._reading = Newest(surroundings.runner, self)
        self._writing = Newest(surroundings.runner, self)
        self._listed: Network | None = None
        self._active = False
        self._unfollow: Callable[[], None] | None = None
        kernels.filters_wanted.connect(self.read)
        form.wanted.connect(self.use)
        lab.recipe_changed.connect(self._follow_kernel)
        surroundings.session.activated.connect(self._take_tab)
        self._take_tab(surroundings.session.active)

    def set_active(self, active: bool) -> None:
        """Filters is on show, or not: what is edited meanwhile is looked at when it is shown again."""
        self._active = active
        if active:
            self._follow()

    def close_down(self) -> None:
        """The window closes."""
        self._reading.stop()
        self._writing.stop()

    @property
    def _tab(self) -> OpenNetwork | None:
        return self._surroundings.session.active

    def _take_tab(self, tab: OpenNetwork | None) -> None:
        if self._unfollow is not None:
            self._unfollow()
        self._unfollow = tab.document.changed.connect(lambda _: self._follow()) if tab is not None else None
        self._reading.stop()
        self._listed = None
        self._follow()

    def _follow(self) -> None:
        if not self._active:
            return
        tab = self._tab
        offer = ""
        if tab is not None and tab.document.network is not self._listed:
            node = first_convolution(tab.document.network, tab.document.inference)
            if node is not None:
                offer = f"{tab.document.network.path(node)} of {tab.document.network.name}…"
            if self._listed is not None and node is not None:
                self.read()  # they were listed: list them as they are now
            else:
                self._listed = None
                self._kernels.show_network(offer)
        elif tab is None:
            self._kernels.show_network("")
        self._follow_kernel()

    def _follow_kernel(self) -> None:
        tab = self._tab
        self._form.show_network(tab.document.network if tab is not None else None, self._lab.filter.kernel)

    # -- from the network --------------------------------------------------------------------------------

    def read(self) -> None:
        """List the filters of the first layer."""
        tab = self._tab
        if tab is None:
            return
        network, inference = tab.document.network, tab.document.inference
        self._listed = network

        def work(context: Context) -> tuple[Kernel, ...]:
            context.progress(None, "Starting PyTorch")
            filters, random = first_filters(network, inference)
            note = "random, nobody trained it" if random else ""
            return tuple(_noted(kernel, note) for kernel in filters)

        self._reading.ask(
            Work(f"Reading the filters of {network.name}", work),
            lambda filters: self._kernels.show_network("", filters),
        )

    # -- into the network --------------------------------------------------------------------------------

    def use(self, node: str, filter_index: int | None) -> None:
        """The kernel that is looked at becomes weights; one step of the network's history."""
        tab, now = self._tab, self._lab.filter
        if tab is None:
            return
        network = tab.document.network

        def work(context: Context) -> Change:
            context.progress(None, "Starting PyTorch")
            return use_as_weights(network, node, now.kernel, filter_index, now.flip, now.bias)

        def done(change: Change) -> None:
            if tab not in self._surroundings.session.tabs:
                return
            if tab.document.network is not network:
                self.use(node, filter_index)  # it was edited meanwhile
                return
            tab.document.apply(change.title, change.edits)
            self.used.emit(node)

        self._writing.ask(Work("Putting the kernel into the network", work), done)


def _noted(kernel: Kernel, note: str) -> Kernel:
    from dataclasses import replace

    return replace(kernel, note=note)
