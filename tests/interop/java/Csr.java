// SPDX-License-Identifier: Apache-2.0
// Certification requests made and checked by BouncyCastle, which shares no code with OpenSSL.
//
//   java Csr make sm2|rsa|rsa1024|p256|p384 [ID]   a request of a fresh key, PEM; ID: of an SM2 signature, in place of the
//                                                  standard's ("" is the empty one)
//   java Csr check FILE                            a request in DER: proof of possession by BouncyCastle; prints "ok - …"
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.spec.ECGenParameterSpec;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

public class Csr {
    record Kind(String generator, String curve, int bits, String signature) {}

    static final Map<String, Kind> KINDS = Map.of(
        "sm2", new Kind("EC", "sm2p256v1", 0, "SM3withSM2"),
        "p256", new Kind("EC", "secp256r1", 0, "SHA256withECDSA"),
        "p384", new Kind("EC", "secp384r1", 0, "SHA384withECDSA"),
        "rsa", new Kind("RSA", null, 2048, "SHA256withRSA"),
        "rsa1024", new Kind("RSA", null, 1024, "SHA256withRSA"));

    static KeyPair pair(Kind kind) throws Exception {
        KeyPairGenerator g = KeyPairGenerator.getInstance(kind.generator, "BC");
        if (kind.curve != null) g.initialize(new ECGenParameterSpec(kind.curve));
        else g.initialize(kind.bits);
        return g.generateKeyPair();
    }

    // SM2 under an id of one's choice, under the provider.
    static ContentSigner signer(KeyPair pair, byte[] id) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ECPrivateKeyParameters key = (ECPrivateKeyParameters) PrivateKeyFactory.createKey(pair.getPrivate().getEncoded());
        return new ContentSigner() {
            public AlgorithmIdentifier getAlgorithmIdentifier() {
                return new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.156.10197.1.501"));
            }

            public OutputStream getOutputStream() {
                return out;
            }

            public byte[] getSignature() {
                try {
                    SM2Signer s = new SM2Signer();
                    s.init(true, new ParametersWithID(key, id));
                    s.update(out.toByteArray(), 0, out.size());
                    return s.generateSignature();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    static void make(String name, String id) throws Exception {
        Kind kind = KINDS.get(name);
        KeyPair pair = pair(kind);
        ContentSigner by = id != null ? signer(pair, id.getBytes())
            : new JcaContentSignerBuilder(kind.signature).setProvider("BC").build(pair.getPrivate());
        X500Name subject = new X500Name("C=CN,O=Whatever the token says,CN=root,OU=cA");
        PKCS10CertificationRequest csr = new JcaPKCS10CertificationRequestBuilder(subject, pair.getPublic()).build(by);
        try (JcaPEMWriter pem = new JcaPEMWriter(new OutputStreamWriter(System.out))) {
            pem.writeObject(csr);
        }
    }

    static void check(String path) throws Exception {
        PKCS10CertificationRequest csr = new PKCS10CertificationRequest(Files.readAllBytes(Path.of(path)));
        boolean good = csr.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider("BC").build(csr.getSubjectPublicKeyInfo()));
        System.out.println((good ? "ok - " : "not ok - ") + "proof of possession, " + csr.getSubject());
        if (!good) System.exit(1);
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (args[0].equals("make")) make(args[1], args.length > 2 ? args[2] : null);
        else check(args[1]);
    }
}
