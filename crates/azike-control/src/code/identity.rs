//! AZK-02xx: the client certificate and its private key, read by `azike-profile`.

catalogue! {
    IDENTITY_FORMAT = 201, InvalidFile {
        title: "The identity file is neither PKCS#12 nor PEM",
        meaning: "azike reads .p12/.pfx files and PEM files with certificate and key.",
        next: "Export the client certificate with its private key as .pfx (PKCS#12). A .cer \
               file alone has no key.",
    }
    IDENTITY_DAMAGED = 202, InvalidFile {
        title: "The identity file is damaged",
        meaning: "The file begins as it should, but its contents are not consistent.",
        next: "Export the certificate again.",
    }
    IDENTITY_PASSWORD_MISSING = 203, InvalidFile {
        title: "The identity file needs a password",
        meaning: "The private key is protected, and there is no terminal to ask on.",
        next: "Use --password-file FILE or --password-fd N. A password on the command line \
               could be seen by others, so azike does not take it there.",
    }
    IDENTITY_PASSWORD_WRONG = 204, InvalidFile {
        title: "The password of the identity file is wrong",
        meaning: "The file cannot be opened with this password.",
        next: "Try again; the password is the one that was given when the file was exported.",
    }
    IDENTITY_NO_KEY = 205, InvalidFile {
        title: "The identity file has no private key",
        meaning: "It holds certificates only. Azure's package does not contain the client \
                  certificate, and a .cer file never has a key.",
        next: "Export the client certificate again, with 'include the private key'.",
    }
    IDENTITY_NO_CERTIFICATE = 206, InvalidFile {
        title: "The identity file has no certificate",
        meaning: "It holds a private key only.",
        next: "Put the certificate and its key into one file (.pfx, or one PEM file).",
    }
    IDENTITY_KEY_MISMATCH = 207, InvalidFile {
        title: "The private key does not belong to the certificate",
        meaning: "Key and certificate come from different exports or requests.",
        next: "Export certificate and key together.",
    }
    IDENTITY_KEY_UNSUPPORTED = 208, InvalidFile {
        title: "The kind of private key is not supported",
        meaning: "azike uses RSA keys of 2048 to 4096 bits and ECDSA keys on P-256 and P-384. \
                  For Azure, RSA is the safe choice.",
        next: "Ask for a client certificate with an RSA key of 2048 bits or more.",
    }
    IDENTITY_ENCRYPTION_UNSUPPORTED = 209, InvalidFile {
        title: "The identity file is protected in a way azike does not know",
        meaning: "azike opens AES (today's) and 3DES or RC2 (older) protection.",
        next: "Export the file again with AES-256: openssl pkcs12 -export -out new.p12.",
    }
    IDENTITY_AMBIGUOUS = 210, InvalidFile {
        title: "The identity file holds more than one identity",
        meaning: "There are several private keys in it, and azike cannot know which to use.",
        next: "Export only the client certificate for this gateway.",
    }
    IDENTITY_EXPIRED = 211, InvalidFile {
        title: "The client certificate has expired",
        meaning: "Its validity is over; every gateway refuses it.",
        next: "Ask for a new client certificate. If the date looks right, check the clock of \
               this computer.",
    }
    IDENTITY_NOT_YET_VALID = 212, InvalidFile {
        title: "The client certificate is not valid yet",
        meaning: "Its validity begins in the future.",
        next: "Check the clock and time zone of this computer; else wait, or ask for another \
               certificate.",
    }
    IDENTITY_NOT_FOR_CLIENT = 213, InvalidFile {
        title: "The certificate is not for client authentication",
        meaning: "Its extended key usage does not list clientAuth (1.3.6.1.5.5.7.3.2). Often \
                  the server's or the root's certificate was chosen by mistake.",
        next: "Use the client certificate, or ask for one with the client authentication usage.",
    }
    IDENTITY_OTHER_ROOT = 214, InvalidFile {
        title: "The client certificate is not from the root this package names",
        meaning: "The package says by which root certificate the gateway knows its clients, and \
                  this certificate does not come from it.",
        next: "Use the certificate that was made for this gateway, or download the package \
               again if the root was changed in Azure.",
    }
    IDENTITY_ROOT_NOT_UPLOADED = 215, AuthenticationRejected {
        title: "The gateway does not know the root of your client certificate",
        meaning: "The gateway listed the roots it accepts (CERTREQ), and the one that issued \
                  your certificate is not among them.",
        next: "Ask the Azure administrator to upload the root certificate (point-to-site \
               configuration, Root certificates), or use a certificate of a listed root.",
    }
    IDENTITY_NO_NAME = 216, InvalidFile {
        title: "The client certificate has no name to log in with",
        meaning: "It has neither a common name nor an alternative name; the gateway knows its \
                  clients by one of them.",
        next: "Give the name that the gateway expects with --local-id.",
    }
}
