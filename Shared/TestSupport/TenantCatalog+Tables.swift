import Postgres

extension TenantCatalog {
    /// What each table and view must be.
    static func relationRules(exempt: [String]) -> SQL {
        """
        WITH relation AS (
            SELECT c.oid, c.relname, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, n.nspname,
                   n.nspname = 'public' AND c.relname = ANY (\(exempt)::text[]) AS is_exempt,
                   c.relkind IN ('r', 'p', 'f') AS is_table
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
               AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        )
        SELECT nspname || '.' || relname || ' ' || rule AS violation
          FROM relation
         CROSS JOIN LATERAL (VALUES
            (nspname <> 'public', 'lies outside schema public'),
            (is_table AND NOT is_exempt AND NOT EXISTS (
                SELECT FROM pg_attribute a
                 WHERE a.attrelid = relation.oid AND a.attname = 'org_id' AND a.atttypid = 'uuid'::regtype AND a.attnotnull
             ), 'has no column org_id uuid NOT NULL'),
            (is_table AND NOT is_exempt AND NOT EXISTS (
                SELECT FROM pg_attribute a
                 WHERE a.attrelid = relation.oid AND a.attname = 'org_id' AND a.attstattarget = 0
             ), 'counts the rows of each organization'),
            (is_table AND NOT is_exempt AND NOT relrowsecurity, 'has row-level security not enabled'),
            (is_table AND NOT is_exempt AND NOT relforcerowsecurity, 'has row-level security not forced'),
            (pg_has_role(current_user, relowner, 'MEMBER'), 'belongs to the role ' || current_user || ', which could disable its row-level security'),
            (is_table AND NOT is_exempt AND has_table_privilege(relation.oid, 'TRUNCATE'), 'may be truncated, which no policy sees'),
            (is_table AND NOT is_exempt AND has_table_privilege(relation.oid, 'TRIGGER'), 'may be given triggers by the role'),
            (is_table AND NOT is_exempt AND has_any_column_privilege(relation.oid, 'REFERENCES'), 'may be referenced by keys, whose checks no policy sees'),
            (relname = 'migrations' AND (has_any_column_privilege(relation.oid, 'INSERT, UPDATE')
                OR has_table_privilege(relation.oid, 'DELETE, TRUNCATE')), 'may be written by the role'),
            (relkind = 'v' AND NOT coalesce(reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false),
             'is a view without security_invoker'),
            (relkind = 'm', 'is a materialized view, which has no row-level security'),
            (relkind = 'f', 'is a foreign table, which has no row-level security')
         ) AS rules (is_broken, rule)
         WHERE is_broken
         ORDER BY 1
        """
    }

    /// Each policy that opens rows to the role opens exactly those of the transaction's organizations.
    ///
    /// Restrictive policies only narrow what the permissive ones open. Without a set scope the expression is an error.
    static func policyRules(exempt: [String]) -> SQL {
        """
        WITH policy AS (
            SELECT c.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid) AS opens,
                   pg_get_expr(p.polwithcheck, p.polrelid) AS admits,
                   '(org_id = ANY (( SELECT (current_setting(''app.org_ids''::text))::uuid[] AS current_setting)::uuid[]))'
                   AS scope
              FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
             WHERE p.polpermissive AND NOT (c.relname = ANY (\(exempt)::text[]))
               AND EXISTS (
                   SELECT FROM unnest(p.polroles) AS role
                    WHERE CASE WHEN role = 0 THEN true ELSE pg_has_role(current_user, role, 'MEMBER') END
               )
        )
        SELECT 'policy ' || polname || ' on ' || relname || ' opens other rows than those of app.org_ids' AS violation
          FROM policy
         WHERE (polcmd <> 'a' AND opens IS DISTINCT FROM scope AND opens NOT LIKE '(' || scope || ' AND %')
            OR (polcmd = 'a' AND admits IS NULL)
            OR (admits IS NOT NULL AND admits <> scope AND admits NOT LIKE '(' || scope || ' AND %')
         ORDER BY 1
        """
    }

    /// Primary keys, unique constraints and unique indexes; the database can be distributed by `org_id`.
    static func keyRules(exempt: [String]) -> SQL {
        """
        SELECT CASE WHEN i.indisprimary THEN 'primary key ' ELSE 'unique index ' END || k.relname || ' of ' || c.relname
               || ' does not start with org_id' AS violation
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indrelid
          JOIN pg_class k ON k.oid = i.indexrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE n.nspname = 'public' AND NOT (c.relname = ANY (\(exempt)::text[])) AND (i.indisunique OR i.indisprimary)
           AND a.attname IS DISTINCT FROM 'org_id'
        UNION ALL
        SELECT 'table ' || c.relname || ' has no primary key'
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT (c.relname = ANY (\(exempt)::text[]))
           AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
         ORDER BY 1
        """
    }

    /// A key that points at another organization's row would tell that the row exists.
    static func foreignKeyRules(exempt: [String]) -> SQL {
        """
        SELECT 'foreign key ' || f.conname || ' of ' || c.relname || ' does not start with org_id'
               || CASE WHEN here.attname = 'org_id' THEN ' at ' || t.relname ELSE '' END AS violation
          FROM pg_constraint f
          JOIN pg_class c ON c.oid = f.conrelid
          JOIN pg_class t ON t.oid = f.confrelid
          JOIN pg_attribute here ON here.attrelid = f.conrelid AND here.attnum = f.conkey[1]
          JOIN pg_attribute there ON there.attrelid = f.confrelid AND there.attnum = f.confkey[1]
         WHERE f.contype = 'f' AND (
            (NOT (c.relname = ANY (\(exempt)::text[])) AND here.attname <> 'org_id')
            OR (NOT (t.relname = ANY (\(exempt)::text[])) AND there.attname <> 'org_id')
         )
         ORDER BY 1
        """
    }
}
