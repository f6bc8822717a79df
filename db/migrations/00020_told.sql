-- That the customer's contacts were told of a refund or a dispute, so that a contact
-- who comes later isn't told of old ones.

-- +goose Up
ALTER TABLE refunds ADD COLUMN told_at timestamptz;
ALTER TABLE disputes ADD COLUMN told_at timestamptz;
UPDATE refunds SET told_at = booked_at WHERE booked_at IS NOT NULL;
UPDATE disputes SET told_at = taken_at WHERE taken_at IS NOT NULL;

-- What was told says nothing about the money, so it doesn't lock the payment.
DROP TRIGGER refunds_derive_back ON refunds;
DROP TRIGGER disputes_derive_back ON disputes;
CREATE TRIGGER refunds_derive_back AFTER INSERT OR UPDATE OF status, amount, booked_at, unbooked_at ON refunds FOR EACH ROW EXECUTE FUNCTION derive_payment_back();
CREATE TRIGGER disputes_derive_back AFTER INSERT OR UPDATE OF amount, taken_at, restored_at ON disputes FOR EACH ROW EXECUTE FUNCTION derive_payment_back();

-- +goose Down
DROP TRIGGER refunds_derive_back ON refunds;
DROP TRIGGER disputes_derive_back ON disputes;
CREATE TRIGGER refunds_derive_back AFTER INSERT OR UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION derive_payment_back();
CREATE TRIGGER disputes_derive_back AFTER INSERT OR UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION derive_payment_back();
ALTER TABLE refunds DROP COLUMN told_at;
ALTER TABLE disputes DROP COLUMN told_at;
