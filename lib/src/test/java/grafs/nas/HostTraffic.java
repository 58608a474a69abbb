package grafs.nas;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Counts how often DJL copies numbers between tensors and Java. For this, code is inserted at the
 * start of two methods of DJL. One method reads a tensor (a single number or an array), the other
 * makes a tensor of Java's numbers (an upload). {@link DeviceStepsTest} uses the counts. The class
 * is public, since the inserted code runs in DJL's package.
 */
public final class HostTraffic {

  /** The number of reads of tensors since counting was started. */
  public static final AtomicLong READS = new AtomicLong();

  /** The number of tensors made of Java's numbers since counting was started. */
  public static final AtomicLong UPLOADS = new AtomicLong();

  private HostTraffic() {}

  /** Starts counting; further calls have no effect. */
  static void count() {
    Holder.installed();
  }

  /**
   * Inserts the code into DJL's methods, in the static initialiser, which Java runs once, when
   * {@code Holder} is first used.
   */
  private static final class Holder {

    static {
      ByteBuddyAgent.install();
      new ByteBuddy()
          .redefine(JniUtils.class)
          .visit(Advice.to(Read.class).on(ElementMatchers.named("getByteBuffer")))
          .visit(Advice.to(Upload.class).on(ElementMatchers.named("createNdFromByteBuffer")))
          .make()
          .load(JniUtils.class.getClassLoader(), ClassReloadingStrategy.fromInstalledAgent());
    }

    static void installed() {}
  }

  /** The code inserted at the start of DJL's method for reads. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodEnter
    static void enter() {
      READS.incrementAndGet();
    }
  }

  /** The code inserted at the start of DJL's method for uploads. */
  static final class Upload {
    private Upload() {}

    @Advice.OnMethodEnter
    static void enter() {
      UPLOADS.incrementAndGet();
    }
  }
}
