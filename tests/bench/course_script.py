"""The lesson's own way, as a whole program: ``course_script.py STACK EPOCHS`` on the week-3 series.

Written anew from the lesson's description; nothing of tsrnn_gui is imported.
"""

import sys

import numpy as np
import tensorflow as tf

SPLIT, WINDOW, BATCH, SHUFFLE = 1000, 20, 32, 1000


def series():
    time = np.arange(1461, dtype="float32")
    phase = (time % 365) / 365
    season = np.where(phase < 0.4, np.cos(2 * np.pi * phase), 1 / np.exp(3 * phase))
    values = (10 + 0.05 * time + 40 * season).astype("float32")
    values += np.random.RandomState(42).randn(1461).astype("float32") * 5
    return values


def windowed_dataset(values):
    data = tf.data.Dataset.from_tensor_slices(values)
    data = data.window(WINDOW + 1, shift=1, drop_remainder=True)
    data = data.flat_map(lambda window: window.batch(WINDOW + 1))
    data = data.shuffle(SHUFFLE).map(lambda window: (window[:-1], window[-1]))
    return data.batch(BATCH).prefetch(1)


def layers(stack):
    from tensorflow.keras import layers as k

    recurrent = {
        "simple-rnn": lambda: [k.SimpleRNN(40, return_sequences=True), k.SimpleRNN(40)],
        "bilstm": lambda: [k.Bidirectional(k.LSTM(32))],
        "bilstm-2": lambda: [
            k.Bidirectional(k.LSTM(32, return_sequences=True)),
            k.Bidirectional(k.LSTM(32)),
        ],
    }
    expand = k.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[WINDOW])
    return [expand, *recurrent[stack](), k.Dense(1), k.Lambda(lambda x: x * 100.0)]


def main(stack, epochs):
    model = tf.keras.models.Sequential(layers(stack))
    loss = tf.keras.losses.Huber() if stack == "simple-rnn" else "mse"
    model.compile(loss=loss, optimizer=tf.keras.optimizers.SGD(learning_rate=1e-6, momentum=0.9))
    model.fit(windowed_dataset(series()[:SPLIT]), epochs=epochs, verbose=0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
