// SPDX-License-Identifier: Apache-2.0
// Signed data made and checked by BouncyCastle, which shares no code with OpenSSL. The password of key files is in the
// environment variable PIN.
//
//   java Cms authority FOLDER NAME                 a test authority: root.cer, issuing.cer, and key files of its subscribers,
//                                                  <kind>.p12 and .cer: sm2, rsa, p256, expired (sm2), encryption (sm2)
//   java Cms sign KEY.p12 CONTENT OUT [OPTION…]    attached; der; bare (no signed attributes); nocert; time=SECONDS, time=none;
//                                                  id=TEXT (of SM2, in place of the standard's); and=KEY.p12 (a second signer)
//   java Cms verify FILE [CONTENT]                 every signer, by the certificate sent along; prints "ok - …" a check
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessable;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.Selector;

public class Cms {
    static final char[] PIN = System.getenv().getOrDefault("PIN", "").toCharArray();
    static final long DAY = 86400000L;

    record Held(PrivateKey key, X509Certificate cert) {}

    static String algorithm(PrivateKey key, String curve) {
        if (key.getAlgorithm().equals("RSA")) return "SHA256withRSA";
        return curve.contains("301") || curve.contains("sm2") ? "SM3withSM2" : "SHA256withECDSA";
    }

    static String algorithmOf(X509Certificate cert, PrivateKey key) throws Exception {
        return algorithm(key, new X509CertificateHolder(cert.getEncoded()).getSubjectPublicKeyInfo().getAlgorithm().getParameters().toString());
    }

    // ---- a test authority ----

    static KeyPair pair(String kind) throws Exception {
        KeyPairGenerator g = KeyPairGenerator.getInstance(kind.equals("rsa") ? "RSA" : "EC", "BC");
        if (kind.equals("rsa")) g.initialize(2048);
        else g.initialize(new ECGenParameterSpec(kind.equals("p256") ? "secp256r1" : "sm2p256v1"));
        return g.generateKeyPair();
    }

    // `by` null: self-signed. `path` -1: no authority.
    static Held certify(Held by, String name, String kind, int path, int usage, long start, long end) throws Exception {
        KeyPair own = pair(kind);
        JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
        X500Name subject = new X500Name("C=CN,O=测试,CN=" + name);
        X500Name issuer = by == null ? subject : X500Name.getInstance(by.cert.getSubjectX500Principal().getEncoded());
        long now = System.currentTimeMillis();
        JcaX509v3CertificateBuilder b = new JcaX509v3CertificateBuilder(issuer, new BigInteger(63, new SecureRandom()),
            new Date(now + start), new Date(now + end), subject, own.getPublic());
        if (path >= 0) b.addExtension(Extension.basicConstraints, true, new BasicConstraints(path));
        b.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        b.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(own.getPublic()));
        if (by != null) b.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(by.cert));
        PrivateKey key = by == null ? own.getPrivate() : by.key;
        String signing = by == null ? algorithm(key, kind) : algorithmOf(by.cert, by.key);
        ContentSigner signer = new JcaContentSignerBuilder(signing).setProvider("BC").build(key);
        return new Held(own.getPrivate(), new JcaX509CertificateConverter().setProvider("BC").getCertificate(b.build(signer)));
    }

    static void keep(Path folder, String name, Held held) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12", "BC");
        store.load(null, null);
        store.setKeyEntry("key", held.key, null, new Certificate[] {held.cert});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, PIN);
        Files.write(folder.resolve(name + ".p12"), out.toByteArray());
        Files.write(folder.resolve(name + ".cer"), held.cert.getEncoded());
    }

    static void authority(Path folder, String name) throws Exception {
        int ca = KeyUsage.keyCertSign | KeyUsage.cRLSign, sign = KeyUsage.digitalSignature | KeyUsage.nonRepudiation;
        Held root = certify(null, name + " 根", "sm2", 1, ca, -400 * DAY, 400 * DAY);
        Held issuing = certify(root, name + " 签发", "sm2", 0, ca, -400 * DAY, 400 * DAY);
        Files.write(folder.resolve("root.cer"), root.cert.getEncoded());
        Files.write(folder.resolve("issuing.cer"), issuing.cert.getEncoded());
        for (String kind : List.of("sm2", "rsa", "p256"))
            keep(folder, kind, certify(issuing, "单位 " + kind, kind, -1, sign, -DAY, 300 * DAY));
        keep(folder, "expired", certify(issuing, "过期单位", "sm2", -1, sign, -300 * DAY, -DAY));
        keep(folder, "encryption", certify(issuing, "加密单位", "sm2", -1, KeyUsage.keyEncipherment, -DAY, 300 * DAY));
    }

    // ---- signing ----

    static Held open(String path) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12", "BC");
        store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(path))), PIN);
        for (String alias : Collections.list(store.aliases()))
            if (store.isKeyEntry(alias)) return new Held((PrivateKey) store.getKey(alias, null), (X509Certificate) store.getCertificate(alias));
        throw new IllegalArgumentException("no key in " + path);
    }

    // SM2 under an id of one's choice, under the provider.
    static ContentSigner underId(PrivateKey key, byte[] id) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ECPrivateKeyParameters parameters = (ECPrivateKeyParameters) PrivateKeyFactory.createKey(key.getEncoded());
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
                    s.init(true, new ParametersWithID(parameters, id));
                    s.update(out.toByteArray(), 0, out.size());
                    return s.generateSignature();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    static AttributeTable attributes(String time) {
        Hashtable<ASN1ObjectIdentifier, Attribute> table = new Hashtable<>();
        Date when = time == null || time.equals("none") ? new Date() : new Date(Long.parseLong(time) * 1000);
        table.put(CMSAttributes.signingTime, new Attribute(CMSAttributes.signingTime, new DERSet(new Time(when))));
        return new AttributeTable(table);
    }

    static void signer(CMSSignedDataGenerator g, Held held, Map<String, String> options) throws Exception {
        String id = options.get("id"), time = options.get("time");
        ContentSigner by = id != null ? underId(held.key, id.getBytes())
            : new JcaContentSignerBuilder(algorithmOf(held.cert, held.key)).setProvider("BC").build(held.key);
        JcaSignerInfoGeneratorBuilder b = new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build());
        if (options.containsKey("bare")) b.setDirectSignature(true);
        DefaultSignedAttributeTableGenerator table = new DefaultSignedAttributeTableGenerator(attributes(time)) {
            protected Hashtable createStandardAttributeTable(Map parameters) {
                Hashtable made = super.createStandardAttributeTable(parameters);
                if ("none".equals(time)) made.remove(CMSAttributes.signingTime);
                return made;
            }
        };
        g.addSignerInfoGenerator(b.setSignedAttributeGenerator(table).build(by, held.cert));
    }

    static void sign(String key, String content, String out, Map<String, String> options) throws Exception {
        CMSSignedDataGenerator g = new CMSSignedDataGenerator();
        List<Held> signers = new ArrayList<>(List.of(open(key)));
        if (options.containsKey("and")) signers.add(open(options.get("and")));
        List<X509Certificate> certs = new ArrayList<>();
        for (Held held : signers) {
            signer(g, held, options);
            certs.add(held.cert);
        }
        if (!options.containsKey("nocert")) g.addCertificates(new JcaCertStore(certs));
        CMSSignedData made = g.generate(new CMSProcessableByteArray(Files.readAllBytes(Path.of(content))), options.containsKey("attached"));
        Files.write(Path.of(out), options.containsKey("der") ? made.toASN1Structure().getEncoded("DER") : made.getEncoded());
    }

    // ---- checking ----

    static void verify(String path, String content) throws Exception {
        byte[] file = Files.readAllBytes(Path.of(path));
        CMSProcessable beside = content == null ? null : new CMSProcessableByteArray(Files.readAllBytes(Path.of(content)));
        CMSSignedData data = beside == null ? new CMSSignedData(file) : new CMSSignedData(beside, file);
        Collection<SignerInformation> signers = data.getSignerInfos().getSigners();
        if (signers.isEmpty()) throw new IllegalArgumentException("no signer");
        for (SignerInformation s : signers) {
            @SuppressWarnings("unchecked")
            Collection<X509CertificateHolder> found = data.getCertificates().getMatches((Selector<X509CertificateHolder>) s.getSID());
            X509CertificateHolder cert = found.iterator().next();
            boolean good = s.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(cert));
            System.out.println((good ? "ok - " : "not ok - ") + "signature of " + cert.getSubject());
            if (!good) System.exit(1);
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Hashtable<String, String> options = new Hashtable<>();
        for (String option : Arrays.copyOfRange(args, Math.min(args.length, 4), args.length)) {
            int at = option.indexOf('=');
            options.put(at < 0 ? option : option.substring(0, at), at < 0 ? "" : option.substring(at + 1));
        }
        switch (args[0]) {
            case "authority" -> authority(Path.of(args[1]), args[2]);
            case "sign" -> sign(args[1], args[2], args[3], options);
            default -> verify(args[1], args.length > 2 ? args[2] : null);
        }
    }
}
