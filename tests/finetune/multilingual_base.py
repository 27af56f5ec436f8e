"""Bases built as multilingual models are: tiny, with random weights and a real tokenizer.

Multilingual sentence encoders come in two forms: XLM-RoBERTa (multilingual E5, paraphrase mpnet),
whose positions begin behind the id of the padding and which knows no token types, and BERT with
XLM-RoBERTa's tokenizer (multilingual MiniLM).
"""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

# Their order is XLM-RoBERTa's: padding is 1, not 0.
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
SENTENCES = [
    "the kettle broke after one day and nobody answers",
    "where is my parcel, it is three weeks late",
    "I love the lamp, thank you",
    "how can I pay",
    "水壶用了一天就坏了，没人回复我",
    "我的包裹在哪里，已经晚了三个星期",
    "我很喜欢这盏灯，谢谢",
    "怎么付款",
]
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


def make_base(folder: Path, form: str) -> Path:
    """Write a base of the form `xlm-roberta` or `bert` into a folder."""
    tokenizer = _tokenizer()
    torch.manual_seed(4)
    if form == "xlm-roberta":
        # Two positions more than tokens: they begin behind the padding's id.
        config = XLMRobertaConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=514,
            type_vocab_size=1,
            pad_token_id=1,
            **SIZES,
        )
        XLMRobertaModel(config).save_pretrained(folder)
    else:
        config = BertConfig(vocab_size=len(tokenizer), pad_token_id=1, **SIZES)
        BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
        model_max_length=512,
        # As multilingual models have it: none of them gives token types.
        model_input_names=["input_ids", "attention_mask"],
    )
