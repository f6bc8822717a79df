-- Payment plans, N7: an invoice that is paid in parts.

-- +goose Up

ALTER TABLE invoices
    -- How staff asked for it to be split; its parts are invoice_installments.
    ADD COLUMN plan jsonb,
    -- From the day after this one it is late: the day on which the first part is
    -- due that isn't paid, or the invoice's own. Kept by a trigger.
    ADD COLUMN late_after date;
UPDATE invoices SET late_after = due_date;
ALTER TABLE invoices ALTER COLUMN late_after SET NOT NULL;

CREATE TABLE invoice_installments (
    org_id      uuid NOT NULL,
    invoice_id  uuid NOT NULL,
    seq         integer NOT NULL,
    due_on      date NOT NULL,
    amount      bigint NOT NULL,
    PRIMARY KEY (org_id, invoice_id, seq),
    UNIQUE (org_id, invoice_id, due_on),
    FOREIGN KEY (org_id, invoice_id) REFERENCES invoices (org_id, id),
    CONSTRAINT invoice_installments_numbered CHECK (seq > 0),
    CONSTRAINT invoice_installments_amount_positive CHECK (amount > 0)
);

-- The parts come to the total, when the transaction that writes them ends.
-- +goose StatementBegin
CREATE FUNCTION check_plan_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    org uuid := coalesce(NEW.org_id, OLD.org_id);
    of_invoice uuid;
    parts bigint;
    whole bigint;
BEGIN
    IF TG_TABLE_NAME = 'invoices' THEN
        of_invoice := NEW.id;
    ELSE
        of_invoice := coalesce(NEW.invoice_id, OLD.invoice_id);
    END IF;
    SELECT sum(amount) INTO parts FROM invoice_installments WHERE org_id = org AND invoice_id = of_invoice;
    SELECT total INTO whole FROM invoices WHERE org_id = org AND id = of_invoice;
    IF parts <> whole THEN
        RAISE EXCEPTION 'the instalments of invoice % come to %, not to its total of %', of_invoice, parts, whole
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_installments_sum';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER invoice_installments_sum AFTER INSERT OR UPDATE OR DELETE ON invoice_installments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_plan_sum();
CREATE CONSTRAINT TRIGGER invoices_plan_sum AFTER UPDATE OF total ON invoices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.plan IS NOT NULL) EXECUTE FUNCTION check_plan_sum();

-- What an invoice is late from is derived anew whenever it is paid or its plan changes.
-- +goose StatementBegin
CREATE FUNCTION derive_late_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.late_after := NEW.due_date;
    IF NEW.plan IS NOT NULL THEN
        NEW.late_after := coalesce((
            SELECT min(p.due_on)
            FROM (
                SELECT due_on, sum(amount) OVER (ORDER BY seq) AS until_then
                FROM invoice_installments WHERE org_id = NEW.org_id AND invoice_id = NEW.id
            ) p
            WHERE p.until_then > NEW.total - NEW.due
        ), NEW.due_date);
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION plan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices SET updated_at = updated_at WHERE org_id = NEW.org_id AND id = NEW.invoice_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER invoices_late_after BEFORE INSERT OR UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION derive_late_after();
CREATE TRIGGER invoice_installments_changed AFTER INSERT ON invoice_installments FOR EACH ROW EXECUTE FUNCTION plan_changed();

-- What is to be paid on which day: of each sent invoice what is left of it, and
-- of one with a plan what is left of each part, the earliest settled first.
CREATE OR REPLACE VIEW invoice_dues WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.id AS invoice_id, coalesce(p.seq, 0) AS seq, coalesce(p.due_on, i.due_date) AS due_on,
        CASE WHEN p.seq IS NULL THEN i.due ELSE least(p.amount, p.until_then - (i.total - i.due)) END::bigint AS amount
    FROM invoices i
    LEFT JOIN LATERAL (
        SELECT s.seq, s.due_on, s.amount, sum(s.amount) OVER (ORDER BY s.seq) AS until_then
        FROM invoice_installments s WHERE s.org_id = i.org_id AND s.invoice_id = i.id
    ) p ON i.plan IS NOT NULL
    WHERE i.state = 'sent' AND i.due > 0 AND (p.seq IS NULL OR p.until_then > i.total - i.due);

GRANT SELECT, INSERT, DELETE ON invoice_installments TO countersign_app;
ALTER TABLE invoice_installments ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_of_org ON invoice_installments FOR ALL TO countersign_app
    USING (org_id = app_staff_org()) WITH CHECK (org_id = app_staff_org());
CREATE POLICY contact_reads ON invoice_installments FOR SELECT TO countersign_app
    USING (org_id = app_contact_org() AND EXISTS (SELECT FROM invoices i WHERE i.org_id = invoice_installments.org_id AND i.id = invoice_id));

-- An estimate may ask for a deposit when it is accepted: its invoice is then made
-- at once, and split.
ALTER TABLE estimate_versions ADD COLUMN deposit_percent numeric(7, 4) NOT NULL DEFAULT 0;
ALTER TABLE estimate_versions ADD CONSTRAINT estimate_versions_deposit_range CHECK (deposit_percent >= 0 AND deposit_percent < 100);

-- +goose Down
ALTER TABLE estimate_versions DROP COLUMN deposit_percent;
CREATE OR REPLACE VIEW invoice_dues WITH (security_invoker = true) AS
    SELECT i.org_id, i.customer_id, i.id AS invoice_id, 0 AS seq, i.due_date AS due_on, i.due AS amount
    FROM invoices i
    WHERE i.state = 'sent' AND i.due > 0;
DROP TRIGGER invoices_late_after ON invoices;
DROP TABLE invoice_installments;
DROP TRIGGER invoices_plan_sum ON invoices;
DROP FUNCTION plan_changed, derive_late_after, check_plan_sum;
ALTER TABLE invoices DROP COLUMN late_after, DROP COLUMN plan;
