package smtpd.core.tls;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;

/// A signature with a [RemoteKey]: gathers what is to be signed and hands it to the key's signer.
final class RemoteSignature extends SignatureSpi {
    private final String algorithm;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private @Nullable RemoteKey key;
    private @Nullable AlgorithmParameterSpec params;

    RemoteSignature(String algorithm) {
        this.algorithm = algorithm;
    }

    @Override
    protected void engineInitSign(PrivateKey with) throws InvalidKeyException {
        if (!(with instanceof RemoteKey remote)) {
            throw new InvalidKeyException("not a remote key");
        }
        key = remote;
        content.reset();
    }

    @Override
    protected void engineInitVerify(PublicKey known) throws InvalidKeyException {
        throw new InvalidKeyException("signs only");
    }

    @Override
    protected void engineUpdate(byte one) {
        content.write(one);
    }

    @Override
    protected void engineUpdate(byte[] bytes, int offset, int length) {
        content.write(bytes, offset, length);
    }

    @Override
    protected byte[] engineSign() throws SignatureException {
        RemoteKey with = key;
        SignScheme scheme =
                SignScheme.of(algorithm, params)
                        .orElseThrow(() -> new SignatureException("unknown way to sign"));
        if (with == null) {
            throw new SignatureException("no key");
        }
        byte[] bytes = content.toByteArray();
        content.reset();
        return with.signer().sign(with.id(), scheme, bytes);
    }

    @Override
    protected boolean engineVerify(byte[] signature) throws SignatureException {
        throw new SignatureException("signs only");
    }

    @Override
    protected void engineSetParameter(AlgorithmParameterSpec spec)
            throws InvalidAlgorithmParameterException {
        if (SignScheme.of(algorithm, spec).isEmpty()) {
            throw new InvalidAlgorithmParameterException("unknown parameters");
        }
        params = spec;
    }

    @Override
    protected @Nullable AlgorithmParameters engineGetParameters() {
        return null;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
        throw new UnsupportedOperationException();
    }
}
