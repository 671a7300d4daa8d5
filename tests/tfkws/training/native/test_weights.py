"""Variables as one vector, there and back."""

import keras  # noqa: TID253
import numpy as np

from tfkws.training.native.weights import Variables


def test_values_go_into_the_vector_and_back_and_places_name_them() -> None:
    one, two = keras.Variable(np.arange(6.0).reshape(2, 3)), keras.Variable(np.array([7.0, 8.0]))
    both = Variables([one, two])
    both.fetch()
    assert both.count == 8 and both.constant(0.0) == 8 and both.constant(0.5) == both.constant(0.5) == 9
    np.testing.assert_array_equal(both.vector[:10], [0, 1, 2, 3, 4, 5, 7, 8, 0, 0.5])
    np.testing.assert_array_equal(both.vector[both.places(one)], np.asarray(one))
    assert both.start(two) == 6
    both.at(two)[:2] = 3
    both.hand_back()
    np.testing.assert_array_equal(np.asarray(two), [3, 3])
    np.testing.assert_array_equal(both.at(two, np.arange(8.0)), [6, 7])
