# The sample papers' stamps are drawn with sines.
certhall_sandbox_LDADD += -lm
