-- What the two sides say to each other, and who is told of it.

-- +goose Up

-- An email goes to a contact, to a member of staff, or, with neither, to an
-- address of the organization itself.
ALTER TABLE deliveries
    ADD COLUMN staff_id uuid,
    ADD CONSTRAINT deliveries_one_person CHECK (contact_id IS NULL OR staff_id IS NULL),
    ADD FOREIGN KEY (org_id, staff_id) REFERENCES staff (org_id, id);

-- +goose Down
ALTER TABLE deliveries DROP COLUMN staff_id;
