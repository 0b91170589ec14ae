"""The same models in an eager PyTorch loop: ``torch_loop.py STACK EPOCHS`` prints seconds an epoch."""

import statistics
import sys
import time

import numpy as np
import torch
from torch import nn

SPLIT, WINDOW, BATCH = 1000, 20, 32


class Model(nn.Module):
    """Recurrent layers, their last output, one number, times 100."""

    def __init__(self, stack):
        super().__init__()
        self.two_ways = stack != "simple-rnn"
        if stack == "simple-rnn":
            self.recurrent = nn.RNN(1, 40, num_layers=2, batch_first=True)
        else:
            count = 2 if stack == "bilstm-2" else 1
            self.recurrent = nn.LSTM(1, 32, num_layers=count, batch_first=True, bidirectional=True)
        self.head = nn.Linear(64 if self.two_ways else 40, 1)

    def forward(self, windows):
        outputs, _ = self.recurrent(windows.unsqueeze(-1))
        if self.two_ways:
            last = torch.cat((outputs[:, -1, :32], outputs[:, 0, 32:]), dim=1)
        else:
            last = outputs[:, -1]
        return self.head(last) * 100.0


def main(stack, epochs):
    time_axis = np.arange(SPLIT, dtype="float32")
    values = torch.from_numpy(50 + 40 * np.cos(time_axis / 58)) + torch.randn(SPLIT) * 5
    windows = values.unfold(0, WINDOW + 1, 1)
    model = Model(stack)
    loss_of = nn.HuberLoss() if stack == "simple-rnn" else nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6, momentum=0.9)
    seconds = []
    for _ in range(epochs):
        begun = time.perf_counter()
        for rows in torch.randperm(len(windows)).split(BATCH):
            batch = windows[rows]
            optimizer.zero_grad()
            loss_of(model(batch[:, :-1]), batch[:, -1:]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - begun)
    print(statistics.median(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
