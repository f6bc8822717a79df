-- Search everywhere: the words by which staff find customers, contacts and
-- documents, each with what it leads to. Beginnings of words are found by a range
-- of an index, whatever the size of the organization. An index on an expression
-- or a pattern would not do: below row-level security the planner uses only what
-- can leak nothing, and of what looks into a text those are its plain comparisons.

-- +goose Up
CREATE TABLE search_words (
    org_id      uuid NOT NULL REFERENCES organizations (id),
    kind        text NOT NULL,
    -- In lower case, without punctuation. Compared byte by byte, so that what begins alike stands together.
    word        text COLLATE "C" NOT NULL,
    subject_id  uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (org_id, kind, word, subject_id),
    CONSTRAINT search_words_kind_known CHECK (kind IN ('customer', 'contact', 'estimate', 'invoice', 'payment', 'credit_note', 'project', 'timesheet')),
    CONSTRAINT search_words_word_plain CHECK (word <> '' AND word = lower(word))
);
CREATE INDEX search_words_of_subject ON search_words (org_id, subject_id, word);

-- The words of a text as they are typed to find it: each run between spaces
-- without its punctuation ("o'neill" is oneill), and its parts between
-- punctuation ("smith-jones" is found under jones too, an address under its domain).
CREATE FUNCTION search_words_of(content text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT DISTINCT word FROM (
        SELECT regexp_replace(run, '[!-/:-@\[-`{-~]', '', 'g') AS word
        FROM regexp_split_to_table(lower(left(content, 500)), '\s+') AS run
        UNION ALL
        SELECT part FROM regexp_split_to_table(lower(left(content, 500)), '[\s!-/:-@\[-`{-~]+') AS part
    ) w WHERE word <> ''
$$;

-- The words of a number: as a whole, and its digits, so that INV-2041 is found
-- under inv2041 and under 2041. What all numbers begin with is no word of its own.
CREATE FUNCTION search_words_of_number(number text) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT DISTINCT word FROM (
        SELECT regexp_replace(lower(number), '[\s!-/:-@\[-`{-~]', '', 'g') AS word
        UNION ALL SELECT regexp_replace(number, '\D', '', 'g')
        UNION ALL SELECT ltrim(regexp_replace(number, '\D', '', 'g'), '0')
    ) w WHERE word <> ''
$$;

-- Keeps the words of a row: the trigger names its kind, the column of its number
-- and those of its texts. It writes as the owner, whoever changes the row.
-- +goose StatementBegin
CREATE FUNCTION keep_search_words() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    row_now  jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    number   text := row_now ->> nullif(TG_ARGV[1], '');
    content  text := '';
    customer uuid;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM search_words s WHERE s.org_id = OLD.org_id AND s.subject_id = OLD.id AND s.kind = TG_ARGV[0];
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN NULL;
    END IF;
    FOR i IN 2 .. TG_NARGS - 1 LOOP
        content := content || ' ' || coalesce(row_now ->> TG_ARGV[i], '');
    END LOOP;
    customer := coalesce(row_now ->> 'customer_id', row_now ->> 'id')::uuid;
    INSERT INTO search_words (org_id, kind, word, subject_id, customer_id)
    SELECT NEW.org_id, TG_ARGV[0], w, NEW.id, customer
    FROM (SELECT search_words_of_number(number) AS w UNION SELECT search_words_of(content)) words;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION keep_search_words FROM PUBLIC;

CREATE TRIGGER customers_search AFTER INSERT OR DELETE OR UPDATE OF number, name, email ON customers
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('customer', 'number', 'name', 'email');
CREATE TRIGGER contacts_search AFTER INSERT OR DELETE OR UPDATE OF name, email ON contacts
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('contact', '', 'name', 'email');
CREATE TRIGGER estimates_search AFTER INSERT OR DELETE OR UPDATE OF number ON estimates
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('estimate', 'number');
CREATE TRIGGER invoices_search AFTER INSERT OR DELETE OR UPDATE OF number ON invoices
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('invoice', 'number');
CREATE TRIGGER payments_search AFTER INSERT OR DELETE OR UPDATE OF receipt_number, reference ON payments
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('payment', 'receipt_number', 'reference');
CREATE TRIGGER credit_notes_search AFTER INSERT OR DELETE OR UPDATE OF number ON credit_notes
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('credit_note', 'number');
CREATE TRIGGER projects_search AFTER INSERT OR DELETE OR UPDATE OF name ON projects
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('project', '', 'name');
CREATE TRIGGER timesheets_search AFTER INSERT OR DELETE OR UPDATE OF number ON timesheets
    FOR EACH ROW EXECUTE FUNCTION keep_search_words('timesheet', 'number');

-- What is there already.
INSERT INTO search_words (org_id, kind, word, subject_id, customer_id)
SELECT c.org_id, 'customer', w, c.id, c.id FROM customers c, LATERAL (SELECT search_words_of_number(c.number) AS w UNION SELECT search_words_of(c.name || ' ' || c.email)) words
UNION ALL
SELECT c.org_id, 'contact', w, c.id, c.customer_id FROM contacts c, LATERAL search_words_of(c.name || ' ' || c.email) AS w
UNION ALL
SELECT d.org_id, 'estimate', w, d.id, d.customer_id FROM estimates d, LATERAL search_words_of_number(d.number) AS w
UNION ALL
SELECT d.org_id, 'invoice', w, d.id, d.customer_id FROM invoices d, LATERAL search_words_of_number(d.number) AS w
UNION ALL
SELECT d.org_id, 'payment', w, d.id, d.customer_id FROM payments d, LATERAL (SELECT search_words_of_number(d.receipt_number) AS w UNION SELECT search_words_of(d.reference)) words
UNION ALL
SELECT d.org_id, 'credit_note', w, d.id, d.customer_id FROM credit_notes d, LATERAL search_words_of_number(d.number) AS w
UNION ALL
SELECT d.org_id, 'project', w, d.id, d.customer_id FROM projects d, LATERAL search_words_of(d.name) AS w
UNION ALL
SELECT d.org_id, 'timesheet', w, d.id, d.customer_id FROM timesheets d, LATERAL search_words_of_number(d.number) AS w;

GRANT SELECT ON search_words TO countersign_app;
ALTER TABLE search_words ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON search_words FOR SELECT TO countersign_app USING (org_id = app_staff_org());

-- +goose Down
DROP TRIGGER customers_search ON customers;
DROP TRIGGER contacts_search ON contacts;
DROP TRIGGER estimates_search ON estimates;
DROP TRIGGER invoices_search ON invoices;
DROP TRIGGER payments_search ON payments;
DROP TRIGGER credit_notes_search ON credit_notes;
DROP TRIGGER projects_search ON projects;
DROP TRIGGER timesheets_search ON timesheets;
DROP FUNCTION keep_search_words();
DROP TABLE search_words;
DROP FUNCTION search_words_of(text), search_words_of_number(text);
