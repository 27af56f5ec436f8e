"""What the demo shop shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One product.

    Attributes:
        slug: Its name in addresses and of its picture.
        name: Its name on the page.
        price: With its currency.
        line: One sentence for the front page.
        story: A few sentences for its own page.
        facts: Short lines, such as sizes.
    """

    slug: str
    name: str
    price: str
    line: str
    story: str
    facts: tuple[str, ...]


GOODS = (
    Good(
        "kettle",
        "Whistling kettle",
        "€ 64",
        "Enamelled steel that sings when the water boils.",
        "Two coats of enamel on steel, so it wipes clean and does not taste of metal. The whistle "
        "lifts with your thumb while you pour, and the handle stays cool.",
        ("1.8 litres", "For gas, electric and induction", "Two years of warranty"),
    ),
    Good(
        "mug",
        "Harbour mug",
        "€ 18",
        "Stoneware with a handle for three fingers.",
        "Thrown by hand, so no two are quite the same height. The glaze is made for every day: "
        "dishwasher, microwave, and the odd knock against the tap.",
        ("350 millilitres", "Dishwasher safe", "Sold one by one"),
    ),
    Good(
        "pan",
        "Everyday pan",
        "€ 89",
        "Cast iron that gets better every year.",
        "Pre-seasoned with rapeseed oil and ready for its first egg. It goes from the hob to the "
        "oven to the table, and one day to whoever inherits it.",
        ("26 centimetres", "2.4 kilograms", "Oven safe to 260 °C"),
    ),
    Good(
        "board",
        "Oak board",
        "€ 42",
        "One plank, oiled, with a groove for the juice.",
        "Cut from a single oak plank with the grain along the board, so that it stays flat. Oil it "
        "when it looks dry and it will look after your knives.",
        ("38 × 24 centimetres", "Oiled, not varnished", "Wash by hand"),
    ),
    Good(
        "carafe",
        "Tall carafe",
        "€ 36",
        "Thin glass that pours without a drip.",
        "Mouth-blown borosilicate glass, light to lift and happy with boiling water. The lip is "
        "cut at an angle, which is what stops the last drop from running down.",
        ("1 litre", "Heat-proof", "Fits a fridge door"),
    ),
    Good(
        "lamp",
        "Window lamp",
        "€ 112",
        "A soft light for the dark months.",
        "A folded steel shade on a beech stem. The lamp dims with a turn of its base, from a "
        "reading light to something you leave on for whoever comes home late.",
        ("41 centimetres high", "Bulb included", "Cable of two metres"),
    ),
)
