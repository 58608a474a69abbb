package grafs.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.util.Optional;

/**
 * A number of a batch that is NaN or infinite.
 *
 * @param what {@code data} or {@code labels}
 * @param example the example in the batch, from 0
 * @param place where in the example, such as {@code column 3}; empty if it is one number
 * @param value the number
 */
public record NonFinite(String what, int example, String place, double value) {

  /**
   * Finds the first NaN or infinite number of a batch.
   *
   * @param batch a batch
   * @return the first, data before labels, or empty if all is finite
   */
  public static Optional<NonFinite> in(Batch batch) {
    return in("data", batch.getData()).or(() -> in("labels", batch.getLabels()));
  }

  private static Optional<NonFinite> in(String what, NDList arrays) {
    return arrays.stream().flatMap(array -> in(what, array).stream()).findFirst();
  }

  private static Optional<NonFinite> in(String what, NDArray array) {
    if (!array.getDataType().isFloating() || array.size() == 0) {
      return Optional.empty();
    }
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      // x − x is 0 for finite x, otherwise NaN; one number comes to the host.
      NDArray differences = array.stopGradient().sub(array.stopGradient());
      if (differences.sum().toType(DataType.FLOAT32, false).getFloat() == 0) {
        return Optional.empty();
      }
      double[] values = array.stopGradient().toType(DataType.FLOAT64, false).toDoubleArray();
      int i = 0;
      while (Double.isFinite(values[i])) {
        i++;
      }
      Shape example = array.getShape().slice(1);
      int size = (int) example.size();
      return Optional.of(new NonFinite(what, i / size, place(example, i % size), values[i]));
    }
  }

  private static String place(Shape example, int index) {
    if (example.size() == 1) {
      return "";
    }
    if (example.dimension() == 1) {
      return "column " + index;
    }
    StringBuilder place = new StringBuilder();
    int rest = index;
    for (int d = example.dimension() - 1; d >= 0; d--) {
      place.insert(0, (d == 0 ? "" : ", ") + rest % example.get(d));
      rest /= (int) example.get(d);
    }
    return "place [" + place + "]";
  }

  /**
   * Says where the number is.
   *
   * @param number the example's number as its owner counts, from 0
   * @return such as {@code example 17 of the data has NaN in column 3 (all counted from 0)}
   */
  public String text(long number) {
    return "example %d of the %s has %s%s (counted from 0)"
        .formatted(number, what, value, place.isEmpty() ? "" : " in " + place);
  }
}
