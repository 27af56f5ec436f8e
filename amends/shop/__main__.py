"""Starts the demo shop: `python -m amends.shop`; `amends run` does so too."""

from amends.serve.surroundings import SHOP_HOST
from amends.settings import get_settings
from amends.shop.server import make_app

if __name__ == "__main__":
    settings = get_settings()
    make_app(settings).run(
        SHOP_HOST, settings.shop_port, single_process=True, motd=False, access_log=False
    )
