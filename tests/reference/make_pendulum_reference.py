"""Make Gymnasium's pendulum trajectories: ``python tests/reference/make_pendulum_reference.py``.

Needs gymnasium, which nothing else here does; the stored file is of version 1.4.0. Each of eight
trajectories starts as ``reset`` draws it, under random torques that are held for some steps, and
half of them with a velocity near the limit, so that it is met.
"""

from __future__ import annotations

from pathlib import Path

import gymnasium
import numpy as np

STEPS = 200


def main() -> None:
    """Write ``pendulum-gymnasium.npz`` beside this script."""
    env = gymnasium.make("Pendulum-v1", max_episode_steps=STEPS).unwrapped
    generator = np.random.default_rng(0)
    states, torques, rewards, observations = [], [], [], []
    for trial in range(8):
        env.reset(seed=trial)
        if trial % 2:
            env.state = np.array([env.state[0], generator.uniform(7.0, 8.0)])
        held = np.repeat(generator.uniform(-2.0, 2.0, STEPS // 10), 10)
        path, seen, reward = [env.state], [env._get_obs()], []
        for torque in held:
            observation, gain, *_ = env.step(np.array([torque]))
            path.append(env.state)
            seen.append(observation)
            reward.append(gain)
        states.append(path)
        observations.append(seen)
        torques.append(held)
        rewards.append(reward)
    np.savez_compressed(
        Path(__file__).with_name("pendulum-gymnasium.npz"),
        states=np.array(states).swapaxes(0, 1),
        torques=np.array(torques).T,
        rewards=np.array(rewards).T,
        observations=np.array(observations).swapaxes(0, 1),
    )


if __name__ == "__main__":
    main()
