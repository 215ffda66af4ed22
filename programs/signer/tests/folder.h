/* SPDX-License-Identifier: Apache-2.0
 * A folder with a hierarchy of each algorithm, for the tests that issue. */
#ifndef SIGNER_TESTS_FOLDER_H
#define SIGNER_TESTS_FOLDER_H

#include "programs/signer/hierarchy.h"

#include "core/base/log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BRAND "示范数字证书认证中心"
#define BRAND_SHORT "示范CA"

static char folder[] = "/tmp/certhall-ca-XXXXXX";
static const char *const folder_algorithms[] = {"sm2", "rsa", "p256"};
static struct authority folder_authority = {BRAND, BRAND_SHORT, "https://hall.example", "https://ca.example", NULL};

/* The profiles as delivered; of the tests' life. */
static inline const struct ch_profiles *folder_profiles(void)
{
    const char *top = getenv("TOP_SRCDIR");
    struct ch_profiles *profiles = NULL;
    struct ch_fault f = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/core/pki/profiles.json", top != NULL ? top : ".");
    if (ch_profiles_load(path, &profiles, &f) != CH_OK)
        fprintf(stderr, "%s\n", f.detail);
    folder_authority.profiles = profiles;
    return profiles;
}

static inline int folder_make(void)
{
    struct ch_fault f = {0};

    if (mkdtemp(folder) == NULL || folder_profiles() == NULL)
        return -1;
    for (size_t i = 0; i < CH_COUNT(folder_algorithms); i++)
        if (hierarchy_make(folder, folder_algorithms[i], &folder_authority, &f) != CH_OK) {
            fprintf(stderr, "%s\n", f.detail);
            return -1;
        }
    return 0;
}

static inline int folder_remove(void)
{
    char path[512];
    DIR *dir = opendir(folder);

    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    if (dir != NULL)
        closedir(dir);
    ch_profiles_free((struct ch_profiles *)(uintptr_t)folder_authority.profiles);
    return rmdir(folder);
}

#endif
