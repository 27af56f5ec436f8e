"""What a training run can be told."""

from pydantic import BaseModel, ConfigDict, Field


class TrainConfig(BaseModel):
    """Settings of one training run; the defaults made the adapter that ships.

    Attributes:
        epochs: Passes over the whole training split.
        shop_epochs: Passes over what shops' customers write, afterwards.
        shop_rate: Share of the learning rates in that second stage.
        batch_size: Messages a step.
        learning_rate: Peak rate of the LoRA weights (AdamW).
        head_learning_rate: Peak rate of the heads, which start from nothing.
        weight_decay: AdamW's.
        warmup_share: Share of the steps in which the rate rises; then it falls as a cosine.
        lora_rank: Rank of the LoRA matrices; alpha is twice the rank.
        dropout: On the sentence vector before the heads.
        seed: Of everything random.
        max_samples: Train on about so many samples a stage only; for trying things out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(2, ge=1, le=100)
    shop_epochs: int = Field(3, ge=0, le=100)
    shop_rate: float = Field(0.4, gt=0, le=1)
    batch_size: int = Field(32, ge=1, le=4096)
    learning_rate: float = Field(5e-4, gt=0, le=0.1)
    head_learning_rate: float = Field(1e-3, gt=0, le=0.1)
    weight_decay: float = Field(0.01, ge=0, le=1)
    warmup_share: float = Field(0.1, ge=0, lt=1)
    lora_rank: int = Field(32, ge=1, le=256)
    dropout: float = Field(0.1, ge=0, lt=1)
    seed: int = Field(1, ge=0, lt=2**32)
    max_samples: int | None = Field(None, ge=1)
