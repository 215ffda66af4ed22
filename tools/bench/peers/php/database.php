<?php
// SPDX-License-Identifier: Apache-2.0
// The captured statements over a persistent connection, prepared once on it, one after the other: PHP 8.2 has no pipelines.

/** Each module has a role of its own. */
function connection(string $role): PgSql\Connection
{
    $db = pg_pconnect(getenv('BENCH_DB') . " user=$role");
    if ($db === false) {
        throw new RuntimeException('no database');
    }
    return $db;
}

function execute(PgSql\Connection $db, array $statement, array $values): array
{
    $result = @pg_execute($db, $statement['name'], $values);
    if ($result === false) {
        throw new RuntimeException(pg_last_error($db));
    }
    return pg_fetch_all($result);
}

/** A connection that is new has none of them. */
function prepare_all(PgSql\Connection $db, array $trips): void
{
    if (pg_num_rows(pg_query_params($db, 'SELECT 1 FROM pg_prepared_statements WHERE name = $1', [$trips[0]['statements'][0]['name']])) > 0) {
        return;
    }
    foreach ($trips as $trip) {
        foreach ($trip['statements'] as $s) {
            pg_prepare($db, $s['name'], $s['sql']);
        }
    }
}

/** What the statements answer, by their names. Several that travel together are one transaction. */
function ask(PgSql\Connection $db, array $trips, array $facts): array
{
    $rows = [];
    foreach ($trips as $trip) {
        $several = count($trip['statements']) > 1;
        if ($several) {
            pg_query($db, 'BEGIN');
        }
        foreach ($trip['statements'] as $s) {
            $values = array_map(fn ($p) => isset($p['fact']) ? $facts[$p['fact']] : $p['value'], $s['params']);
            $rows[$s['name']] = execute($db, $s, $values);
            $facts['account'] ??= $rows[$s['name']][0]['who'] ?? null; // whose session it is, as hall.enter says
        }
        if ($several) {
            pg_query($db, 'COMMIT');
        }
    }
    return $rows;
}
