"""What tests share: temporary database servers, fakes and process control."""
