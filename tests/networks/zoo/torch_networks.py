"""Small networks with random weights, as people write them in PyTorch."""

import torch
from torch import Tensor, nn
from torch.nn import functional

LENGTH = 120


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), -1)


def deepsea() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(4, 8, 8), nn.ReLU(inplace=True), nn.MaxPool1d(4), nn.Dropout(0.2),
        nn.Conv1d(8, 12, 8), nn.ReLU(inplace=True), nn.MaxPool1d(4), nn.Dropout(0.2),
        nn.Conv1d(12, 16, 3), nn.ReLU(inplace=True), nn.Dropout(0.5),
        Flat(), nn.Linear(16 * 3, 15), nn.ReLU(inplace=True), nn.Linear(15, 5), nn.Sigmoid(),
    )  # fmt: skip


def deepsea_2d() -> nn.Module:
    """As converted from Lua: 1 x n, over (n, 4, 1, length)."""
    return nn.Sequential(
        nn.Conv2d(4, 8, (1, 8)), nn.ReLU(), nn.MaxPool2d((1, 4), (1, 4)), nn.Dropout(0.2),
        nn.Conv2d(8, 12, (1, 8)), nn.ReLU(), nn.MaxPool2d((1, 4), (1, 4)), nn.Dropout(0.2),
        nn.Conv2d(12, 16, (1, 3)), nn.ReLU(),
        Flat(), nn.Linear(16 * 3, 15), nn.ReLU(), nn.Linear(15, 5), nn.Sigmoid(),
    )  # fmt: skip


def basset() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(4, 12, 9, padding=4), nn.BatchNorm1d(12), nn.ReLU(), nn.MaxPool1d(3),
        nn.Conv1d(12, 10, 5, padding="same"), nn.BatchNorm1d(10), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(10, 8, 3, padding=1), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(4, 4, 1),
        nn.Flatten(), nn.Linear(8 * 3, 14), nn.BatchNorm1d(14), nn.ReLU(), nn.Dropout(),
        nn.Linear(14, 4),
    )  # fmt: skip


class DanQ(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 10, 7)
        self.pool = nn.MaxPool1d(6, 6)
        self.lstm = nn.LSTM(10, 6, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(19 * 12, 16)
        self.out = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.dropout(self.pool(functional.relu(self.conv(x))), 0.2, self.training)
        x, _ = self.lstm(x.transpose(1, 2))
        x = functional.relu(self.dense(x.reshape(x.size(0), -1)))
        return torch.sigmoid(self.out(x))


class Recurrent(nn.Module):
    """The last state of a GRU of two layers, over positions first; bases come last."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 5, stride=2)
        self.norm = nn.GroupNorm(2, 8)
        self.gru = nn.GRU(8, 5, num_layers=2, bidirectional=True)
        self.out = nn.Linear(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.leaky_relu(self.norm(self.conv(x.permute(0, 2, 1))), 0.1)
        _, state = self.gru(x.permute(2, 0, 1))
        return functional.log_softmax(self.out(torch.cat((state[-2], state[-1]), dim=1)), dim=1)


class BPNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv1d(4, 10, 11)
        self.tower = nn.ModuleList([nn.Conv1d(10, 10, 3, dilation=2**i) for i in (1, 2)])
        self.profile = nn.Conv1d(12, 2, 9)
        self.counts = nn.Linear(11, 1)

    def forward(self, sequence: Tensor, control: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(sequence).relu()
        for layer in self.tower:
            y = layer(x).relu()
            crop = (x.shape[-1] - y.shape[-1]) // 2
            x = x[:, :, crop : x.shape[-1] - crop] + y
        start = (control.shape[-1] - x.shape[-1]) // 2
        track = control[:, :, start : start + x.shape[-1]]
        profile = self.profile(torch.cat([x, track], dim=1))
        total = torch.log1p(control.sum(dim=(1, 2))).unsqueeze(-1)
        return profile, self.counts(torch.cat([x.mean(dim=-1), total], dim=-1))


class Residual(nn.Module):
    def __init__(self, n: int, width: int, dilation: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm1d(n), nn.BatchNorm1d(n)])
        padding = dilation * (width - 1) // 2
        self.convs = nn.ModuleList(
            [nn.Conv1d(n, n, width, dilation=dilation, padding=padding) for _ in range(2)]
        )

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = conv(torch.relu(norm(y)))
        return x + y


class SpliceAI(nn.Module):
    def __init__(self, n: int = 8, context: int = 20) -> None:
        super().__init__()
        self.context = context
        self.first, self.skip = nn.Conv1d(4, n, 1), nn.Conv1d(n, n, 1)
        self.blocks = nn.ModuleList([Residual(n, 5, 1), Residual(n, 5, 1), Residual(n, 3, 2)])
        self.skips = nn.ModuleList([nn.Conv1d(n, n, 1) for _ in self.blocks])
        self.last = nn.Conv1d(n, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        skip = self.skip(x)
        for block, conv in zip(self.blocks, self.skips, strict=True):
            x = block(x)
            skip = skip + conv(x)
        skip = functional.pad(skip, (-self.context, -self.context))
        return functional.softmax(self.last(skip), dim=1)


class Block(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(n), nn.LayerNorm(n)
        self.attention = nn.MultiheadAttention(n, 2, batch_first=True)
        self.up, self.down = nn.Linear(n, 2 * n), nn.Linear(2 * n, n)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, n: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv1d(4, n, 7, padding=3)
        self.pool = nn.MaxPool1d(8)
        self.position = nn.Embedding(LENGTH // 8, n)
        self.token = nn.Parameter(torch.randn(1, 1, n))
        self.blocks = nn.ModuleList([Block(n), Block(n)])
        self.out = nn.Linear(n, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(functional.relu(self.stem(x))).transpose(1, 2)
        x = x + self.position(torch.arange(x.shape[1], device=x.device))
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1)
        for block in self.blocks:
            x = block(x)
        return self.out(x[:, 0])


class SoftmaxPool(nn.Module):
    """Attention pooling over pairs of positions, as in Enformer."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.logits = nn.Conv2d(n, n, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        n, channels, length = x.shape
        x = x.reshape(n, channels, length // 2, 2)
        return (x * self.logits(x).softmax(dim=-1)).sum(dim=-1)


class Enformer(nn.Module):
    """Attention written with einsum; a profile of positions by tasks; bases come last."""

    def __init__(self, n: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.stem = nn.Conv1d(4, n, 9, padding=4)
        self.pool1, self.pool2 = SoftmaxPool(n), SoftmaxPool(n)
        self.norm = nn.LayerNorm(n)
        self.qkv, self.mix = nn.Linear(n, 3 * n, bias=False), nn.Linear(n, n)
        self.out = nn.Linear(n, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x.transpose(1, 2))
        x = self.pool2(self.pool1(torch.sigmoid(1.702 * x) * x)).transpose(1, 2)
        n, length, size = x.shape
        q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
        q, k, v = (
            part.view(n, length, self.heads, size // self.heads).transpose(1, 2)
            for part in (q, k, v)
        )
        weights = (torch.einsum("bhid,bhjd->bhij", q, k) / (size // self.heads) ** 0.5).softmax(-1)
        both = torch.einsum("bhij,bhjd->bhid", weights, v).transpose(1, 2).reshape(n, length, size)
        return functional.softplus(self.out(x + self.mix(both)))


class BothStrands(nn.Module):
    """One set of filters reads both strands; gated and grouped convolutions behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 9)
        self.slope = nn.PReLU(8)
        self.gated = nn.Conv1d(8, 16, 5, groups=4, stride=2)
        self.norm = nn.InstanceNorm1d(8, affine=True)
        self.up = nn.ConvTranspose1d(8, 6, 4, stride=2, padding=1)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool1d(5), nn.Threshold(0, 1e-6))
        self.out = nn.Linear(30, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.maximum(self.conv(x), self.conv(x.flip(1, 2)).flip(2))
        x = self.norm(functional.glu(self.gated(self.slope(x)), dim=1))
        x = functional.mish(self.up(functional.avg_pool1d(x, 3, ceil_mode=True)))
        low, high = self.pool(torch.stack((x, x.abs().sqrt()), 1).mean(1)).split(3, dim=1)
        x = torch.where(low > 0, low * 2, low.clamp(min=-0.1)) - high.pow(2) / 3.0
        return self.out(torch.cat((x, high), 1).flatten(1))


NETWORKS = {
    "deepsea": deepsea,
    "deepsea_2d": deepsea_2d,
    "basset": basset,
    "danq": DanQ,
    "recurrent": Recurrent,
    "bpnet": BPNet,
    "spliceai": SpliceAI,
    "transformer": Transformer,
    "enformer": Enformer,
    "both_strands": BothStrands,
}
