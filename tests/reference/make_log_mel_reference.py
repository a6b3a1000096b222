"""Make `log-mel.npz`: what torchaudio 2.11 makes of some noise; needs torch and torchaudio::

python tests/reference/make_log_mel_reference.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torchaudio

RATE, FRAME, HOP, FFT, BANDS = 8000, 200, 120, 256, 20


def main() -> None:
    """Write the samples, the filters and the power in each band and frame."""
    samples = np.random.default_rng(3).normal(size=FRAME + 7 * HOP)
    filters = torchaudio.functional.melscale_fbanks(
        FFT // 2 + 1, 0.0, RATE / 2, BANDS, RATE, norm=None, mel_scale="htk"
    ).double()
    aside = (FFT - FRAME) // 2  # where torch puts the window in a frame of the transform
    spectrum = torch.stft(
        torch.nn.functional.pad(torch.from_numpy(samples), (aside, aside)),
        FFT,
        HOP,
        FRAME,
        torch.hann_window(FRAME, dtype=torch.float64),
        center=False,
        return_complex=True,
    )
    power = spectrum.abs().square().T / FFT @ filters
    np.savez_compressed(
        Path(__file__).with_name("log-mel.npz"),
        samples=samples,
        filters=filters.numpy().T,
        power=power.numpy(),
    )


if __name__ == "__main__":
    main()
