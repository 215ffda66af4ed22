// SPDX-License-Identifier: Apache-2.0
// Holds revocation lists and OCSP responses against BouncyCastle, which shares no code with OpenSSL.
//
//   java Status crl  list.crl ca.cer SERIAL WORD       WORD: "absent", or the reason (hold, superseded, unspecified …)
//   java Status delta list.crl ca.cer SERIAL WORD      the same of a delta list; "remove" as well
//   java Status ocsp response.der ca.cer SERIAL WORD   WORD: "good", or the reason
//
// Checked: signatures (SM2 under the standard's id and under no other), the signer's right to sign, numbers, times, and what is said of
// the serial number. Prints "ok - …" a check; exits with 1 at the first that fails.
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CRLEntryHolder;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithID;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

public class Status {
    static final Map<Integer, String> REASONS = Map.of(0, "unspecified", 1, "key_compromise", 3, "affiliation_changed", 4, "superseded",
        5, "cessation", 6, "hold", 8, "remove", 9, "privilege_withdrawn");

    static void check(boolean good, String what) {
        System.out.println((good ? "ok - " : "not ok - ") + what);
        if (!good) System.exit(1);
    }

    static X509Certificate certificate(byte[] bytes) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
    }

    static ContentVerifierProvider verifier(X509Certificate cert) throws Exception {
        return new JcaContentVerifierProviderBuilder().setProvider("BC").build(cert.getPublicKey());
    }

    // The SM2 signature with an id of our choice; of other algorithms nothing.
    static void onlyTheId(String what, String algorithm, X509Certificate by, byte[] signed, byte[] signature) throws Exception {
        if (!algorithm.equals("1.2.156.10197.1.501")) return;
        for (String id : new String[] {"1234567812345678", "", "1234567812345679"}) {
            SM2Signer signer = new SM2Signer();
            ECPublicKeyParameters key = (ECPublicKeyParameters) PublicKeyFactory.createKey(by.getPublicKey().getEncoded());
            signer.init(false, new ParametersWithID(key, id.getBytes()));
            signer.update(signed, 0, signed.length);
            check(signer.verifySignature(signature) == id.equals("1234567812345678"), what + ": the id \"" + id + "\"");
        }
    }

    static void list(byte[] der, X509Certificate ca, BigInteger serial, String word, boolean delta) throws Exception {
        X509CRLHolder crl = new X509CRLHolder(der);
        check(crl.isSignatureValid(verifier(ca)), "list: signature verifies");
        onlyTheId("list", crl.toASN1Structure().getSignatureAlgorithm().getAlgorithm().getId(), ca,
            crl.toASN1Structure().getTBSCertList().getEncoded(), crl.toASN1Structure().getSignature().getOctets());
        check(ca.getKeyUsage()[6], "list: the issuer may sign lists");
        check(crl.getIssuer().equals(new X509CertificateHolder(ca.getEncoded()).getSubject()), "list: issuer's name");
        Date now = new Date();
        check(!crl.getThisUpdate().after(now) && crl.getNextUpdate().after(now), "list: in force");
        ASN1Integer number = ASN1Integer.getInstance(crl.getExtension(Extension.cRLNumber).getParsedValue());
        check(number.getValue().signum() > 0, "list: number " + number.getValue());
        Extension base = crl.getExtension(Extension.deltaCRLIndicator);
        check((base != null) == delta && (base == null || base.isCritical()), "list: " + (delta ? "a delta list" : "a full list"));
        X509CRLEntryHolder entry = crl.getRevokedCertificate(serial);
        String said = "absent";
        if (entry != null) {
            Extension reason = entry.getExtension(Extension.reasonCode);
            said = REASONS.get(reason == null ? 0 : ASN1Enumerated.getInstance(reason.getParsedValue()).getValue().intValue());
        }
        check(said.equals(word), "list: says " + said);
    }

    static String said(CertificateStatus status) {
        if (status == CertificateStatus.GOOD) return "good";
        if (!(status instanceof RevokedStatus)) return "unknown";
        RevokedStatus revoked = (RevokedStatus) status;
        return REASONS.get(revoked.hasRevocationReason() ? revoked.getRevocationReason() : 0);
    }

    static void response(byte[] der, X509Certificate ca, BigInteger serial, String word) throws Exception {
        OCSPResp outer = new OCSPResp(der);
        check(outer.getStatus() == OCSPResp.SUCCESSFUL, "response: successful");
        BasicOCSPResp basic = (BasicOCSPResp) outer.getResponseObject();
        X509Certificate signer = certificate(basic.getCerts()[0].getEncoded());
        signer.verify(ca.getPublicKey(), "BC");
        signer.checkValidity();
        check(signer.getIssuerX500Principal().equals(ca.getSubjectX500Principal()), "response: its signer is named by the CA");
        check(signer.getExtendedKeyUsage().contains("1.3.6.1.5.5.7.3.9"), "response: and for this");
        check(signer.getExtensionValue("1.3.6.1.5.5.7.48.1.5") != null, "response: whose own status need not be asked for");
        check(signer.getNotAfter().after(basic.getResponses()[0].getNextUpdate()), "response: it does not outlive its signer's certificate");
        check(basic.isSignatureValid(verifier(signer)), "response: signature verifies");
        onlyTheId("response", basic.getSignatureAlgOID().getId(), signer, basic.getTBSResponseData(), basic.getSignature());
        X509CertificateHolder holder = new X509CertificateHolder(ca.getEncoded());
        for (ASN1ObjectIdentifier digest : new ASN1ObjectIdentifier[] {OIWObjectIdentifiers.idSHA1, NISTObjectIdentifiers.id_sha256, GMObjectIdentifiers.sm3}) {
            CertificateID id = new CertificateID(new JcaDigestCalculatorProviderBuilder().setProvider("BC").build()
                .get(new AlgorithmIdentifier(digest, DERNull.INSTANCE)), holder, serial);
            int found = 0;
            for (SingleResp single : basic.getResponses()) {
                if (!single.getCertID().equals(id)) continue;
                found++;
                Date now = new Date();
                check(!single.getThisUpdate().after(now) && single.getNextUpdate().after(now), "response: current");
                check(said(single.getCertStatus()).equals(word), "response: says " + said(single.getCertStatus()));
            }
            check(found == 1, "response: under the id by " + digest);
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (args.length != 5) {
            System.err.println("usage: Status crl|delta|ocsp FILE ca.cer SERIAL WORD");
            System.exit(2);
        }
        byte[] der = Files.readAllBytes(Path.of(args[1]));
        X509Certificate ca = certificate(Files.readAllBytes(Path.of(args[2])));
        BigInteger serial = new BigInteger(args[3], 16);
        if (args[0].equals("ocsp")) response(der, ca, serial, args[4]);
        else list(der, ca, serial, args[4], args[0].equals("delta"));
    }
}
