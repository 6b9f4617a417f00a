"""What a desk needs in its first week: sentences, watch list, contacts, own shift, paper dispatch, marks."""
