"""What the label columns of a plan mean. The engines do not read them; the measures do."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class Label(IntEnum):
    """What a stay is."""

    ADMISSION = 0
    """In the setting the person came to: for most people an acute bed."""
    SERVICE = 1
    """In a service that may avoid the admission."""
    ONWARD = 2
    """In a setting that follows the hospital stay."""
    TAPER = 3
    """A later step of an onward stay, in the same setting with other units."""
    SETBACK = 4
    """In the same bed, unfit again."""
    REROUTED = 5
    """In the same bed, waiting for another pathway after recovery or decline."""
    HOME = 6
    """At home without support; takes no capacity."""
    READMISSION = 7
    """In hospital again after having left it."""


@unique
class Refusal(IntEnum):
    """What it means when patience for a stay ends."""

    NONE = 0
    """Patience does not end."""
    CANCELLED = 1
    """A planned admission is cancelled."""
    GAVE_UP = 2
    """The person goes elsewhere, out of the model."""
    SERVICE_FULL = 3
    """The service has no room; the next one, or a bed, is tried."""
    DIED = 4
    """Dies while ready to leave and waiting."""
    SETBACK = 5
    """Becomes unfit to leave again."""
    RECOVERED = 6
    """Recovers while waiting and takes a lower pathway."""
    DECLINED = 7
    """Declines while waiting and needs a higher pathway."""
    SWITCHED = 8
    """Takes another pathway because the wait is too long."""
    MUTUAL_AID = 9
    """Another locality is asked because the wait is too long."""
