// A PKCS #11 library in front of SoftHSM's whose token is not well: how, says the
// first letter of the file that the environment names as FAULTY, read anew at
// every signature. g: gone, w: signs something else, h: hangs until it says
// otherwise; anything else: it is well.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pkcs11go.h"

static CK_FUNCTION_LIST well, faulty;

static int state(void)
{
	FILE *f = fopen(getenv("FAULTY"), "r");
	int c = f ? fgetc(f) : EOF;
	if (f)
		fclose(f);
	return c;
}

static CK_RV sign(CK_SESSION_HANDLE s, CK_BYTE_PTR data, CK_ULONG n, CK_BYTE_PTR sig, CK_ULONG_PTR m)
{
	CK_RV rv;
	while (state() == 'h')
		usleep(1000);
	if (state() == 'g')
		return CKR_DEVICE_REMOVED;
	rv = well.C_Sign(s, data, n, sig, m);
	if (rv == CKR_OK && sig && state() == 'w')
		sig[0] ^= 1;
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	void *lib = dlopen(getenv("SOFTHSM"), RTLD_NOW);
	CK_C_GetFunctionList get = lib ? (CK_C_GetFunctionList) dlsym(lib, "C_GetFunctionList") : NULL;
	CK_FUNCTION_LIST_PTR from;
	if (!get || get(&from) != CKR_OK)
		return CKR_GENERAL_ERROR;
	well = faulty = *from;
	faulty.C_Sign = sign;
	*list = &faulty;
	return CKR_OK;
}
