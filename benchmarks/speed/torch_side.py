"""The network of head `euclidean` in eager PyTorch: seconds of so many epochs, once one has been trained.

python benchmarks/speed/torch_side.py ROWS BATCH EPOCHS
"""

import sys
from time import perf_counter

import torch
from torch import nn

WIDTH, UNITS, DROPOUT = 200, 128, 0.1


def main(rows: int, batch: int, epochs: int) -> None:
    torch.manual_seed(0)
    left, right = torch.randn(2, rows, WIDTH)
    label = torch.randint(0, 2, (rows,)).float()
    tower = nn.Sequential(
        *(nn.Linear(WIDTH, UNITS), nn.ReLU(), nn.Dropout(DROPOUT)),
        *(nn.Linear(UNITS, UNITS), nn.ReLU(), nn.Dropout(DROPOUT)),
        *(nn.Linear(UNITS, UNITS), nn.ReLU()),
    )
    optimizer = torch.optim.RMSprop(tower.parameters(), lr=1e-3, alpha=0.9)

    def epoch() -> None:
        for chosen in torch.randperm(rows).split(batch):
            distance = (tower(left[chosen]) - tower(right[chosen])).square().sum(1).clamp_min(1e-12).sqrt()
            same = label[chosen]
            loss = (same * distance.square() + (1 - same) * (1 - distance).clamp_min(0).square()).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    epoch()
    start = perf_counter()
    for _ in range(epochs):
        epoch()
    print(perf_counter() - start)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
