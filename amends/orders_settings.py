"""Settings of the shop's own system, where orders are looked up and changed."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_settings import BaseSettings

from amends.setting_types import OptionalSecret, OptionalUrl

WOOCOMMERCE = "woocommerce"
Connector = Literal["demo", "woocommerce"]


def _needed(value: object, info: ValidationInfo) -> object:
    # `shop_connector` is validated before; it is missing here if it was none of the known ones.
    if not value and info.data.get("shop_connector") == WOOCOMMERCE:
        raise ValueError("expected a value, because AMENDS_SHOP_CONNECTOR is woocommerce")
    return value


NeededUrl = Annotated[OptionalUrl, AfterValidator(_needed)]
NeededSecret = Annotated[OptionalSecret, AfterValidator(_needed)]


class OrdersSettings(BaseSettings):
    """Part of the one settings object, see `amends.settings`."""

    shop_connector: Connector = Field(
        "demo",
        description="Which system knows the orders: demo (a shop of its own in state_dir) or "
        "woocommerce.",
    )
    woocommerce_url: NeededUrl = Field(
        "", description="Address of the WooCommerce shop, such as https://shop.example."
    )
    woocommerce_key: NeededSecret = Field(
        None, description="Consumer key of WooCommerce's REST API, with read and write access."
    )
    woocommerce_secret: NeededSecret = Field(
        None, description="Consumer secret that belongs to the key."
    )
    shop_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        4.0, description="After this the shop's system is taken to be down, in seconds."
    )
