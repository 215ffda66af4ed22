# The sample papers' seals are drawn with sines.
certhall_sandbox_LDADD += -lm
