"""What all parts of a definition are made of: frozen values, and the texts and numbers that they hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PersonChannel = Literal["wecom", "sms", "email", "phone"]
Intent = Literal["transactional", "service", "value", "research", "promotion"]
StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Target = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Title = Annotated[str, Field(max_length=80)]
Text = Annotated[str, Field(max_length=2_000)]
#: ``content:<id>:<version>`` of the library.
Content = Annotated[str, Field(pattern=r"^(|content:[0-9]{1,18}(:[0-9]{1,9})?)$")]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Days = Annotated[int, Field(ge=0, le=3_650)]
Rule = dict[str, Any]
DateOf = Literal["birthday", "first_order", "last_order", "first_seen", "next_order"]
OrderState = Literal["placed", "paid", "shipped", "completed", "refunded"]


class Part(BaseModel):
    """One part of a definition: nothing that is not named, nothing that changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
