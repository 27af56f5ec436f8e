"""Which system knows a shop's orders."""

from amends.orders.connector import ShopConnector
from amends.orders.demo import DemoShop
from amends.orders_settings import WOOCOMMERCE
from amends.settings import Settings


def connect(settings: Settings) -> ShopConnector:
    """The connector that the settings name; asks nothing yet.

    Args:
        settings: They say which one, where it is, and how long an answer may take.
    """
    if settings.shop_connector == WOOCOMMERCE:
        # Imported here: a shop that is none of WooCommerce's needs no client of it.
        from amends.orders.woocommerce import WooCommerceShop  # noqa: PLC0415

        return WooCommerceShop.of(settings)
    return DemoShop(settings.state_dir, settings.shop_timeout_s)
