// SPDX-License-Identifier: Apache-2.0
// Holds certificates and key files of the signer against BouncyCastle, which shares no code with OpenSSL.
//
//   java Verify root.cer ca.cer leaf.cer [key.p12]      the PIN of the key file in the environment variable PIN
//
// Checked: every signature of the chain (SM2 with the standard's id, RSA with SHA-256), names, validity, path length
// and key usage, the extensions of the leaf; of the key file, that it opens with the PIN only, and that key and certificate
// belong together. Prints "ok - …" a check; exits with 1 at the first that fails.
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class Verify {
    static final String SM2_WITH_SM3 = "1.2.156.10197.1.501";
    static final String SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    static final byte[] SM2_ID = "1234567812345678".getBytes();

    static void check(boolean good, String what) {
        System.out.println((good ? "ok - " : "not ok - ") + what);
        if (!good) System.exit(1);
    }

    static X509Certificate read(String path) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        byte[] bytes = Files.readAllBytes(Path.of(path));
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
    }

    // The SM2 signature with an id of our choice, under the provider: so that a wrong id can be tried too.
    static boolean sm2(X509Certificate cert, X509Certificate issuer, byte[] id) throws Exception {
        SM2Signer signer = new SM2Signer();
        byte[] spki = issuer.getPublicKey().getEncoded();
        ECPublicKeyParameters key = (ECPublicKeyParameters) PublicKeyFactory.createKey(spki);
        signer.init(false, new ParametersWithID(key, id));
        byte[] tbs = cert.getTBSCertificate();
        signer.update(tbs, 0, tbs.length);
        return signer.verifySignature(cert.getSignature());
    }

    static void signature(String name, X509Certificate cert, X509Certificate issuer) throws Exception {
        String algorithm = cert.getSigAlgOID();
        check(List.of(SM2_WITH_SM3, SHA256_WITH_RSA).contains(algorithm), name + ": signature algorithm " + algorithm);
        cert.verify(issuer.getPublicKey(), "BC");
        check(true, name + ": signature verifies");
        if (algorithm.equals(SM2_WITH_SM3)) {
            check(sm2(cert, issuer, SM2_ID), name + ": SM2 signature under the id 1234567812345678");
            check(!sm2(cert, issuer, new byte[0]), name + ": and not under the empty id");
        }
        check(cert.getIssuerX500Principal().equals(issuer.getSubjectX500Principal()), name + ": issuer's name");
    }

    static ASN1Primitive extension(X509Certificate cert, String oid) throws Exception {
        byte[] value = cert.getExtensionValue(oid);
        return value == null ? null : ASN1Primitive.fromByteArray(ASN1OctetString.getInstance(value).getOctets());
    }

    static void links(String name, X509Certificate cert, X509Certificate issuer) throws Exception {
        byte[] authority = AuthorityKeyIdentifier.getInstance(extension(cert, "2.5.29.35")).getKeyIdentifier();
        byte[] subject = SubjectKeyIdentifier.getInstance(extension(issuer, "2.5.29.14")).getKeyIdentifier();
        check(authority != null && Arrays.equals(authority, subject), name + ": key id of the issuer");
        check(!cert.getNotAfter().after(issuer.getNotAfter()), name + ": ends no later than its issuer");
        cert.checkValidity(new Date());
        check(true, name + ": in force");
    }

    static void authority(String name, X509Certificate cert, int least) {
        boolean[] usage = cert.getKeyUsage();
        check(cert.getBasicConstraints() >= least, name + ": is an authority");
        check(usage[5] && usage[6] && !usage[0], name + ": signs certificates and lists, nothing else");
        check(cert.getCriticalExtensionOIDs().containsAll(List.of("2.5.29.15", "2.5.29.19")), name + ": critically so");
    }

    static void leaf(X509Certificate cert) throws Exception {
        boolean[] usage = cert.getKeyUsage();
        check(cert.getBasicConstraints() == -1, "leaf: is no authority");
        check(usage[0] && usage[1] && !usage[2] && !usage[5], "leaf: digitalSignature and nonRepudiation");
        List<String> extended = List.of("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4");
        check(cert.getExtendedKeyUsage().equals(extended), "leaf: clientAuth, emailProtection");
        check(cert.getSubjectX500Principal().getName("RFC2253").endsWith("C=CN"), "leaf: C=CN comes first");
        check(cert.getSerialNumber().signum() > 0 && cert.getSerialNumber().bitLength() <= 64, "leaf: serial number");
        for (String oid : List.of("2.5.29.31", "2.5.29.32", "1.3.6.1.5.5.7.1.1"))
            check(extension(cert, oid) != null, "leaf: extension " + oid);
        ASN1Primitive code = extension(cert, "1.2.156.10260.4.1.4");
        check(code == null || code instanceof DERPrintableString, "leaf: unit code is a PrintableString, or absent");
    }

    static KeyStore open(String path, String pin) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12", "BC");
        store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(path))), pin.toCharArray());
        return store;
    }

    static boolean opens(String path, String pin) {
        try {
            open(path, pin);
            return true;
        } catch (Exception wrong) {
            return false;
        }
    }

    // Signs with the key of the file and verifies with the key of the certificate.
    static boolean together(PrivateKey key, X509Certificate cert) throws Exception {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SM3withSM2";
        byte[] message = new byte[100];
        new SecureRandom().nextBytes(message);
        Signature signer = Signature.getInstance(algorithm, "BC");
        signer.initSign(key);
        signer.update(message);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm, "BC");
        verifier.initVerify(cert.getPublicKey());
        verifier.update(message);
        return verifier.verify(signature);
    }

    // `chain` from the leaf upwards.
    static void keyFile(String path, String pin, List<X509Certificate> chain) throws Exception {
        X509Certificate leaf = chain.get(0);
        String subject = leaf.getSubjectX500Principal().getName("RFC2253");
        KeyStore store = open(path, pin);
        check(true, "key file: opens with the PIN");
        check(!opens(path, "222222222222") && !opens(path, ""), "key file: and with no other");
        String alias = null;
        for (String name : java.util.Collections.list(store.aliases()))
            if (store.isKeyEntry(name)) alias = name;
        check(alias != null && subject.contains("CN=" + alias), "key file: named after its owner");
        check(Arrays.<Certificate>asList(store.getCertificateChain(alias)).equals(chain), "key file: holds the whole chain");
        check(together((PrivateKey) store.getKey(alias, null), leaf), "key file: key and certificate belong together");
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (args.length < 3 || args.length > 4) {
            System.err.println("usage: Verify root.cer ca.cer leaf.cer [key.p12]");
            System.exit(2);
        }
        X509Certificate root = read(args[0]), ca = read(args[1]), leaf = read(args[2]);
        signature("root", root, root);
        signature("issuing", ca, root);
        signature("leaf", leaf, ca);
        authority("root", root, 1);
        authority("issuing", ca, 0);
        links("issuing", ca, root);
        links("leaf", leaf, ca);
        leaf(leaf);
        if (args.length == 4) {
            String pin = System.getenv("PIN");
            check(pin != null, "the PIN is given");
            keyFile(args[3], pin, List.of(leaf, ca, root));
        }
    }
}
