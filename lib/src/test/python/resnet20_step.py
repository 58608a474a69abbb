"""Measures training steps of ResNet-20 with ReLU in PyTorch. The Java class grafs.bench.StepBenchmark does so in DJL.

usage: resnet20_step.py BATCH WARM-UPS SAMPLES

Takes WARM-UPS steps and then SAMPLES timed ones, on a GPU if PyTorch finds one. Prints a line `pytorch VERSION DEVICE`,
the milliseconds of each timed step, a line each, and a line `peak MEGABYTES`, the peak resident memory of this process.
"""

import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, before, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, filters, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)
        self.stride = stride
        self.added = filters - before

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1:
            half = self.added // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.added - half))
        return F.relu(y + x)


def resnet20():
    blocks, before = [], 16
    for filters in (16, 32, 64):
        for number in range(3):
            blocks.append(Block(before, filters, 2 if filters > 16 and number == 0 else 1))
            before = filters
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


def main(batch, warmups, samples):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print("pytorch", torch.__version__, torch.cuda.get_device_name() if device == "cuda" else device)
    torch.manual_seed(1)
    pixels, labels = torch.randn(batch, 3, 32, 32), torch.randint(10, (batch,))
    network = resnet20().to(device)
    descent = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9, weight_decay=1e-4)
    for step in range(warmups + samples):
        begin = time.perf_counter()
        loss = F.cross_entropy(network(pixels.to(device)), labels.to(device))
        descent.zero_grad()
        loss.backward()
        descent.step()
        # Reads the loss, which waits until a GPU has computed the step. StepBenchmark waits for that too.
        loss.item()
        if step >= warmups:
            print(1000 * (time.perf_counter() - begin))
    with open("/proc/self/status") as status:
        print("peak", int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) * 1024 / 1e6)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
