/* SPDX-License-Identifier: Apache-2.0
 * Prints the compiled-in tables: for the database, for the documents, and for tests that compare them. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/order/lifecycle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const traits[] = {"to_pay", "editable", "pending", "in_production",
                                     "made",   "left_us",  "void",    "outlet"};

/* Stops the build if a trait in the table is not the name of a column, because it would have no effect. */
static void check_traits(const char *words)
{
    for (size_t n; *words != '\0'; words += n + (words[n] == ',')) {
        size_t i = 0;
        n = strcspn(words, ",");
        while (i < CH_COUNT(traits) && (strlen(traits[i]) != n || strncmp(traits[i], words, n) != 0))
            i++;
        if (i == CH_COUNT(traits)) {
            fprintf(stderr, "core/order/lifecycle.tbl: %s\n", words);
            exit(1);
        }
    }
}

static void print_state(const struct ch_state_row *s)
{
    check_traits(s->traits);
    printf("INSERT INTO hall.order_state VALUES ('%s', '%s', '%s', nullif('%s', ''), nullif('%s', '')", s->word,
           s->label, s->tone, s->queue, s->clock);
    for (size_t i = 0; i < CH_COUNT(traits); i++)
        printf(", '%s' = ANY ('{%s}')", traits[i], s->traits);
    printf(") ON CONFLICT (state) DO UPDATE SET label = EXCLUDED.label, tone = EXCLUDED.tone, queue = EXCLUDED.queue, "
           "clock = EXCLUDED.clock");
    for (size_t i = 0; i < CH_COUNT(traits); i++)
        printf(", %s = EXCLUDED.%s", traits[i], traits[i]);
    puts(";");
}

static void print_standing(const char *word, const char *label, const char *tone)
{
    printf("INSERT INTO hall.order_standing VALUES ('%s', '%s', '%s') ON CONFLICT (code) DO UPDATE SET (label, tone) = "
           "(EXCLUDED.label, EXCLUDED.tone);\n",
           word, label, tone);
}

/* Prints the rows of hall.order_state, of hall.order_standing (each state is a standing, and there are further ones) and of
 * hall.transition. Transitions that are no longer in the table are deleted. */
static int print_lifecycle_sql(void)
{
    puts("BEGIN;");
    for (size_t i = 0; i < ch_states_n; i++) {
        print_state(&ch_states[i]);
        print_standing(ch_states[i].word, ch_states[i].label, ch_states[i].tone);
    }
    for (size_t i = 0; i < ch_standings_n; i++)
        print_standing(ch_standings[i].word, ch_standings[i].label, ch_standings[i].tone);
    puts("DELETE FROM hall.transition;");
    for (size_t i = 0; i < ch_transitions_n; i++) {
        const struct ch_transition_row *t = &ch_transitions[i];
        printf("INSERT INTO hall.transition VALUES ('%s', '%s', '%s', '{%s}', '%s');\n", t->event, t->from, t->to,
               t->who, t->text);
    }
    puts("COMMIT;");
    return 0;
}

static int print_lifecycle_mermaid(void)
{
    puts("stateDiagram-v2\n    [*] --> draft");
    for (size_t i = 0; i < ch_transitions_n; i++)
        printf("    %s --> %s: %s (%s)\n", ch_transitions[i].from, ch_transitions[i].to, ch_transitions[i].event,
               ch_transitions[i].who);
    return 0;
}

int admin_lifecycle(struct ch_arena *a, int argc, char **argv)
{
    (void)a;
    if (argc == 1 && strcmp(argv[0], "sql") == 0)
        return print_lifecycle_sql();
    if (argc == 1 && strcmp(argv[0], "mermaid") == 0)
        return print_lifecycle_mermaid();
    return 2;
}

int admin_config(struct ch_arena *a, int argc, char **argv)
{
    (void)a, (void)argc, (void)argv;
    for (int i = 0; i < CH_CONF__COUNT; i++) {
        const struct ch_conf_row *r = ch_conf_row((enum ch_conf)i);
        printf("%s\t%s\t%s\n", r->key, r->def, r->doc);
    }
    return 0;
}

int admin_errors(struct ch_arena *a, int argc, char **argv)
{
    (void)a, (void)argc, (void)argv;
    for (int e = CH_OK + 1; e < CH_E__COUNT; e++) {
        const struct ch_err_row *r = ch_err_row((enum ch_err)e);
        printf("%d\t%s\t%s\n", r->status, r->word, r->sentence);
    }
    return 0;
}

int admin_form(struct ch_arena *a, int argc, char **argv)
{
    (void)a, (void)argc, (void)argv;
#define CH_FIELD(name, block, label, kind, max, rule, groups) \
    printf("%s\t%s\t%s\t%s\t%d\t%s\n", name, block, label, kind, max, groups);
#include "core/form/form.tbl"
#undef CH_FIELD
    return 0;
}
