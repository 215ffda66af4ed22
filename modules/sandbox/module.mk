# The stamps of the sample papers need the sine function.
certhall_sandbox_LDADD += -lm
