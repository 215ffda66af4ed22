<?php
// SPDX-License-Identifier: Apache-2.0
// The project of a request, at most two seconds old, as core/order/project.c keeps it. A process of FPM forgets everything between two
// requests: what is kept is a PHP file, which opcache holds in memory for all of them.

const KEPT_SECONDS = 2;

function project_read(PgSql\Connection $db, array $statement, string $slug): array
{
    $spec = json_decode(execute($db, $statement, [$slug])[0]['out'], true, 512, JSON_THROW_ON_ERROR);
    return ['project' => $spec['project'], 'businesses' => $spec['businesses'], 'types' => array_column($spec['types'], null, 'code')];
}

function project_keep(string $file, array $spec): void
{
    $own = "$file." . getmypid();
    file_put_contents($own, '<?php return ' . var_export(['until' => microtime(true) + KEPT_SECONDS, 'spec' => $spec], true) . ';');
    rename($own, $file);
    opcache_invalidate($file, true);
}

function project(PgSql\Connection $db, array $statement, string $slug): array
{
    $file = dirname(getenv('BENCH_STATEMENTS')) . "/project-$slug.php";
    $kept = @include $file;
    if ($kept !== false && $kept['until'] > microtime(true)) {
        return $kept['spec'];
    }
    $spec = project_read($db, $statement, $slug);
    project_keep($file, $spec);
    return $spec;
}
