package grafs.nas;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Counts how often DJL copies numbers between tensors and Java. Every read of a tensor, of one
 * number or of an array, goes through one method of DJL; every tensor made from Java's numbers goes
 * through another.
 */
public final class HostTraffic {

  /** Reads of tensors since {@link #count}, or since the counter was set to 0. */
  public static final AtomicLong READS = new AtomicLong();

  /** Tensors made from Java's numbers, likewise. */
  public static final AtomicLong UPLOADS = new AtomicLong();

  private HostTraffic() {}

  /** Starts counting; further calls have no effect. */
  static void count() {
    Holder.installed();
  }

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
