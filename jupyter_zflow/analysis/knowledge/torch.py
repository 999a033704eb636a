"""PyTorch: enough to know its random state and what training changes."""

from __future__ import annotations

from jupyter_zflow.analysis.knowledge.table import Effect, Library, TypeTable, each

_TENSOR = Effect("torch.Tensor")
_DRAW = Effect("torch.Tensor", shares=False, draws="torch.random")
_SEED = Effect("scalar", state="torch.random", light=True)

LIBRARY = Library(
    "torch",
    functions={
        **each(
            "manual_seed random.manual_seed cuda.manual_seed cuda.manual_seed_all set_rng_state",
            _SEED,
            below="torch",
        ),
        **each(
            "rand randn randint randperm rand_like randn_like normal bernoulli multinomial",
            _DRAW,
            below="torch",
        ),
        "torch.save": Effect("scalar", writes=(1,)),
        "torch.load": Effect(reads=(0,)),
        "torch.no_grad": Effect(shares=False),
        **each(
            "tensor zeros ones arange linspace full eye empty",
            Effect("torch.Tensor", shares=False),
            below="torch",
        ),
        **each("is_available device_count", Effect("scalar", shares=False), below="torch.cuda"),
    },
    types={
        "torch.Tensor": TypeTable(
            default=None,
            methods={
                **each("item tolist size dim numel", Effect("scalar", shares=False)),
                **each(
                    "cpu cuda to float long int double view reshape detach clone numpy mean sum "
                    "max min argmax squeeze unsqueeze permute transpose t",
                    _TENSOR,
                ),
            },
            attributes={"shape": "range", "dtype": "scalar", "device": "scalar"},
            item="torch.Tensor",
            arithmetic="torch.Tensor",
        ),
    },
)
