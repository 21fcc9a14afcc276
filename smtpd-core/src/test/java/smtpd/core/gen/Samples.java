package smtpd.core.gen;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes a value of any type that messages and slices are made of, by its record components: a new
/// record is tested without anybody thinking of it.
public final class Samples {
    private static final List<String> TEXTS =
            List.of("a", "example.org", "Grüße", "\n", "\u0000", "邮件", "%{user.username}", " ");

    private final Gen gen;

    /// Values from this source.
    public Samples(Gen gen) {
        this.gen = gen;
    }

    /// A value of `type`.
    public <T> T of(Class<T> type) {
        return type.cast(make(type, Map.of()));
    }

    private Object make(Type type, Map<TypeVariable<?>, Type> variables) {
        return switch (type) {
            case Class<?> it -> ofClass(it, variables);
            case ParameterizedType it -> ofGeneric(it, variables);
            case TypeVariable<?> it -> make(known(variables.get(it)), variables);
            default -> throw new IllegalArgumentException("no sample of " + type);
        };
    }

    private static Type known(@org.jspecify.annotations.Nullable Type type) {
        return java.util.Objects.requireNonNull(type, "unbound type variable");
    }

    private Object ofGeneric(ParameterizedType type, Map<TypeVariable<?>, Type> variables) {
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] arguments = type.getActualTypeArguments();
        if (raw == List.class) {
            return List.copyOf(several(arguments[0], variables));
        }
        if (raw == Set.class) {
            return new LinkedHashSet<>(several(arguments[0], variables));
        }
        if (raw == Map.class) {
            Map<Object, Object> map = new LinkedHashMap<>();
            several(arguments[0], variables)
                    .forEach(key -> map.put(key, make(arguments[1], variables)));
            return map;
        }
        Map<TypeVariable<?>, Type> bound = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            bound.put(raw.getTypeParameters()[i], arguments[i]);
        }
        return ofClass(raw, bound);
    }

    private List<Object> several(Type element, Map<TypeVariable<?>, Type> variables) {
        List<Object> values = new ArrayList<>();
        for (int i = gen.below(4); i > 0; i--) {
            values.add(make(element, variables));
        }
        return values;
    }

    private Object ofClass(Class<?> type, Map<TypeVariable<?>, Type> variables) {
        return switch (type.getSimpleName()) {
            case "int", "Integer" -> gen.below(1 << 16);
            case "long" -> ((long) gen.below(1 << 30) << 30) | gen.below(1 << 30);
            case "boolean" -> gen.oneIn(2);
            case "String" -> gen.run(TEXTS, 4);
            case "Instant" -> Instant.ofEpochMilli(gen.below(1 << 30) * 1000L);
            case "Duration" -> Duration.ofMillis(gen.below(1 << 30));
            case "Bytes" -> Bytes.of(gen.bytes(40));
            case "MsgId" -> new MsgId(1 + gen.below(1 << 30));
            case "EvpId" -> new MsgId(1 + gen.below(1 << 30)).envelope(1 + gen.below(1 << 30));
            case "Esc" -> new Esc(gen.oneIn(2) ? 4 : 5, gen.below(1000), gen.below(1000));
            default -> ofOurs(type, variables);
        };
    }

    private Object ofOurs(Class<?> type, Map<TypeVariable<?>, Type> variables) {
        if (type.isEnum()) {
            Object[] values = type.getEnumConstants();
            return values[gen.below(values.length)];
        }
        if (type.isSealed()) {
            List<Class<?>> records = records(type);
            return ofClass(records.get(gen.below(records.size())), variables);
        }
        return record(type, variables);
    }

    private Object record(Class<?> type, Map<TypeVariable<?>, Type> variables) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values =
                Arrays.stream(components)
                        .map(component -> make(component.getGenericType(), variables))
                        .toArray();
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no sample of " + type, e);
        }
    }

    /// The records of a sealed interface, in order of declaration.
    public static List<Class<?>> records(Class<?> sealed) {
        List<Class<?>> records = new ArrayList<>();
        for (Class<?> each : sealed.getPermittedSubclasses()) {
            if (each.isSealed()) {
                records.addAll(records(each));
            } else {
                records.add(each);
            }
        }
        return records;
    }
}
