"""Texts that the rule language must refuse: injections, SQL that it does not speak, types that do not meet."""

HOSTILE = """
1; DROP TABLE cases
dpd > 1; DELETE FROM cases
dpd > 1 -- comment
dpd > 1 /* comment */
/* all */ TRUE
dpd > 1 # comment
dpd--1 > 0
SELECT 1
SELECT * FROM cases
(SELECT 1) = 1
dpd = (SELECT 1)
dpd IN (SELECT case_id FROM cases)
EXISTS (SELECT 1)
dpd > ANY (1, 2)
dpd > ALL (1, 2)
dpd = 1 UNION SELECT 2
WITH x AS (SELECT 1) SELECT 1
INSERT INTO cases VALUES (1)
UPDATE cases SET dpd = 1
DROP TABLE cases
PRAGMA table_info(cases)
ATTACH DATABASE 'x' AS y
COPY cases TO 'x'
load_extension('x')
pg_sleep(10)
sleep(10) = 0
randomblob(1000000000) IS NULL
sum(dpd) > 1
count(*) > 1
max(dpd) = 1
avg(overdue) > 2
abs(dpd) > 1
length(number) > 1
lower(region) = 'x'
upper(region) = 'x'
coalesce(dpd, 1) = 1
ifnull(dpd, 1) = 1
nullif(dpd, 1) = 1
substr(region, 1, 1) = 'a'
CASE WHEN dpd > 1 THEN TRUE ELSE FALSE END
CAST(dpd AS text) = '1'
dpd::text = '1'
CAST('2026-01-01' AS date) = oldest_due_on AND 'x'
row_number() OVER () = 1
dpd OVER (PARTITION BY region) > 1
dpd / 2 > 1
dpd % 2 = 1
dpd ^ 2 > 1
dpd & 1 = 1
dpd | 1 = 1
dpd << 1 > 2
dpd >> 1 > 2
~dpd = 1
dpd ** 2 > 1
dpd * dpd > 1
overdue * total > 1
2 * 3 > 5
1 = 1
'a' = 'a'
1 > 0 OR TRUE
dpd > 1 OR 1 = 1
TRUE = TRUE
NULL
NULL = NULL
dpd = NULL
dpd <> NULL
dpd IN (1, NULL)
dpd NOT IN (NULL)
dpd BETWEEN NULL AND 3
NULL IS NULL
1 IS NULL
dpd + 1 IS NULL
dispute_open IS TRUE
dispute_open IS NOT FALSE
dpd IS 3
dpd IS DISTINCT FROM 3
dpd ISNULL
dpd NOTNULL
region LIKE 'x%'
region ILIKE 'x%'
region GLOB 'x*'
region REGEXP 'x'
region RLIKE 'x'
region SIMILAR TO 'x'
region MATCH 'x'
region ~ 'x'
region ~* 'x'
region || 'x' = 'y'
region COLLATE nocase = 'x'
region > 'x'
region < 'x'
region BETWEEN 'a' AND 'b'
region + 'x' = 'y'
-region = 'x'
region = 1
region IN ('a', 1)
region
dpd
overdue
oldest_due_on
'text'
1
TRUE AND 1
dpd = 'x'
dpd = '1'
dpd > TRUE
dpd > DATE '2026-01-01'
dpd > 1.5
dpd BETWEEN 30 AND 1
dpd IN ()
dpd IN 1
dpd IN (dpd)
dpd IN (1 + 1)
dpd NOT 1
NOT dpd
overdue > 'x'
overdue > TRUE
overdue > 1.12345
overdue > dpd
overdue + dpd > 1
overdue + region > 1
overdue * 0.5 > 1
overdue * 100000 > 1
overdue > 999999999999999999
overdue > 9999999999999999999999
overdue > 1e9
overdue > 0x1F
overdue > 1_000
overdue > 1,000
overdue > $1000
overdue > 10%
overdue > .5
overdue > ?
overdue > :amount
overdue > @amount
overdue > %s
overdue > {amount}
oldest_due_on > 'yesterday'
oldest_due_on > '2026-02-30'
oldest_due_on > '20260101'
oldest_due_on > '2026-W01-1'
oldest_due_on > DATE '01/02/2026'
oldest_due_on > DATE '2026-1-1'
oldest_due_on > 2026
oldest_due_on + 30 > DATE '2026-01-01'
oldest_due_on > CURRENT_DATE
oldest_due_on > now()
oldest_due_on > TIMESTAMP '2026-01-01'
oldest_due_on > DATE dpd
oldest_due_on BETWEEN DATE '2026-02-01' AND DATE '2026-01-01'
DATE '2026-01-01'
dispute_open > FALSE
dispute_open = 1
dispute_open = 'yes'
dispute_open + 1 = 2
promise_state = 'maybe'
promise_state IN ('open', 'opened')
debtor_kind = 'consumer'
number = 'A-1'
document_dpd > 1
dpdd > 1
Dpd2 > 1
cases.dpd > 1
"dpd" > 1
`dpd` > 1
[dpd] > 1
dpd[0] > 1
dpd.x = 1
* > 1
dpd > *
dpd >
> 1
dpd 1
dpd = = 1
dpd == 1 = 1
dpd =< 1
dpd => 1
dpd <=> 1
dpd !> 1
dpd AND
AND dpd > 1
dpd > 1 AND
dpd > 1 OR OR dpd > 2
dpd > 1 dpd > 2
dpd > 1, dpd > 2
dpd > 1 XOR dpd > 2
NOT
()
(dpd > 1
dpd > 1)
((dpd > 1)
(dpd > 1) > 1
(dpd, overdue) = (1, 2)
dpd = overdue = total
1 < dpd < 5
dpd > 1 AS x
dpd > 1 LIMIT 1
dpd > 1 ORDER BY dpd
dpd > 1 GROUP BY dpd
starts_with(region)
starts_with(region, )
starts_with(region, '')
starts_with(region, region)
starts_with('x', region)
starts_with(dpd, '1')
starts_with(region, 1)
starts_with(region, 'x', 'y')
contains(region, NULL)
contains(overdue, '1')
contains(region, 'x') = TRUE
contains region
contains
starts_with
region = 'unclosed
region = unquoted
region = "double"
region = 'a' 'b'
region = N'x'
region = x'41'
region = E'\\x41'
region = $$x$$
region = 'a\tb'
dpd > \u0661
\u0444 > 1
dpd \u2265 1
dpd > 1 \u0026\u0026 dpd > 2
dpd > 1 \u200b
dpd >\u00a01\u00a0\u2029
!dpd
dpd ? 1 : 2
dpd -> 1
dpd->>'x' = 1
LAMBDA x: x
x -> x + 1
__import__('os')
${jndi:ldap://x}
<script>alert(1)</script>
{{ 7 * 7 }}
dpd = 1 OR 1 = 1 --
dpd > 1' OR '1' = '1
region = 'x' UNION ALL SELECT password FROM users
region = 'x'; VACUUM
dpd IN (1); SELECT pg_terminate_backend(1)
1 = 1
'a' = 'a'
NULL IS NULL
dpd IS DISTINCT FROM 1
dpd <=> 1
region SIMILAR TO 'a'
region REGEXP '(a+)+$'
region ~ '(a|a)*b'
region GLOB '*'
region RLIKE 'a'
region COLLATE NOCASE = 'a'
region LIKE 'a' ESCAPE '!'
segment()
segment('x', 'y')
segment(SELECT 1)
segment(dpd)
segment('missing')
segment("x")
SEGMENT 'x'
contains(region, (SELECT 1))
contains('a', region)
starts_with(dpd, '1')
starts_with(region, 1)
starts_with(region)
contains(region, 'a', 'b')
extract(year FROM due_on) = 2026
date_trunc('day', oldest_due_on) = oldest_due_on
oldest_due_on + INTERVAL '1 day' > DATE '2026-01-01'
oldest_due_on - 1 > DATE '2026-01-01'
TIMESTAMP '2026-01-01 00:00:00' > oldest_due_on
oldest_due_on > '2026-13-01'
oldest_due_on > 20260101
overdue > 1e5
overdue > 0x10
overdue > 1_000
overdue > .5
overdue > 1,5
overdue > $1
overdue > :value
overdue > ?
overdue > @x
overdue > %s
overdue > {overdue}
{"dpd": 1}
[dpd] > 1
`dpd` > 1
"dpd" > 1
public.dpd > 1
cases.dpd > 1
*
dpd > *
GROUP BY dpd
dpd > 1 ORDER BY 1
dpd > 1 LIMIT 1
dpd > 1 FOR UPDATE
NOT
AND
dpd >
> 1
dpd 1
dpd dpd
starts_with(region, 'a', 'b', 'c')
contains(region)
NOT NOT
(
)
()
'
"""


def hostile_rules() -> list[str]:
    """Every text above, with its escapes made real, and some that a list cannot show."""
    texts = [
        line.encode("latin-1", "backslashreplace").decode("unicode_escape")
        for line in HOSTILE.strip().split("\n")
    ]
    deep = "(" * 60 + "dpd > 1" + ")" * 60
    return [
        *texts, "", "   ", "\n", "\x00", "dpd > 1\x00", "dpd > 1\x1b[2J", "\ufeffdpd > 1 \ufeff", "dpd > " + "9" * 5_000,
        deep, "NOT " * 700 + "dispute_open", " AND ".join(["dispute_open"] * 400), "dpd IN (" + "1, " * 250 + "1)",
        "- " * 590 + "dpd > 1", "region = '" + "x" * 5_000 + "'",
    ]  # fmt: skip
