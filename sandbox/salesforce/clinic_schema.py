"""The demo clinic's objects and fields, written as tables.

One line is one field: ``API name | label | type | kind | option | option …``. A line that starts with a bar
continues the one above. The *kind* says who needs the field; permission sets are granted by kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

CLINICAL_KINDS: Final = ("clinical", "fertility", "skin", "behavioural", "sleep")
"""Kinds that say something about a person's health."""

CARE_KINDS: Final = (*CLINICAL_KINDS, "scheduling", "coverage", "consent", "note")
"""Kinds that are PHI on a patient's record: care itself, what reveals it, what pays for it, free text."""

HARMLESS_KINDS: Final = ("marketing", "ops", "link")
"""Kinds that are not health information, whatever their names suggest."""


@dataclass(frozen=True)
class FieldSpec:
    """A field of the demo org: who needs it and what the fixture says about it."""

    object: str
    kind: str
    attributes: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return the API name without the object."""
        return str(self.attributes["name"])

    @property
    def full_name(self) -> str:
        """Return the name permission rows use: ``Object.Field``."""
        return f"{self.object}.{self.name}"

    @property
    def grantable(self) -> bool:
        """Say whether a FieldPermissions row for this field can exist."""
        fixed = self.attributes.get("permissionable") is False or self.attributes.get("required")
        part = "compoundFieldName" in self.attributes
        return not (fixed or part or self.attributes.get("masterDetail"))

    @property
    def writable(self) -> bool:
        """Say whether a FieldPermissions row may carry the edit bit."""
        derived = ("calculatedFormula", "summaryOperation", "autoNumber")
        return self.grantable and not any(key in self.attributes for key in derived)


_CONTACT: Final = """
MailingAddress | Mailing Address | address | directory | pii
MailingStreet | Mailing Street | textarea | directory | of: MailingAddress
MailingCity | Mailing City | string | directory | of: MailingAddress | length: 40
MailingState | Mailing State/Province | string | directory | of: MailingAddress | length: 80
MailingPostalCode | Mailing Zip/Postal Code | string | directory | of: MailingAddress | length: 20
MailingCountry | Mailing Country | string | directory | of: MailingAddress | length: 80
AccountId | Account ID | reference | link | to: Account
ReportsToId | Reports To ID | reference | link | to: Contact
Email | Email | email | directory | pii
Phone | Business Phone | phone | directory | pii
MobilePhone | Mobile Phone | phone | directory | pii
HomePhone | Home Phone | phone | directory | pii
OtherPhone | Other Phone | phone | directory
Fax | Business Fax | phone | directory
Birthdate | Birthdate | date | directory | pii | confidential
Title | Title | string | directory | length: 128
Department | Department | string | ops | length: 80
LeadSource | Lead Source | picklist | marketing | values: Web; Phone; Referral; Event; Partner agency
Description | Contact Description | longtext | note
LastActivityDate | Last Activity | date | system | fixed
HasOptedOutOfEmail | Email Opt Out | boolean | marketing
HasOptedOutOfFax | Fax Opt Out | boolean | marketing
DoNotCall | Do Not Call | boolean | marketing
Preferred_Name__c | Preferred name | string | directory | length: 80
Pronouns__c | Pronouns | picklist | clinical | values: she/her; he/him; they/them; ask me | confidential
Sex_At_Birth__c | Sex recorded at birth | picklist | clinical | values: Female; Male; Intersex; Not stated
Preferred_Language__c | Preferred language | picklist | directory
 | values: English; Spanish; Arabic; Mandarin; Hebrew
MRN__c | Medical record number | string | clinical | length: 20 | hipaa | restricted
 | help: The number the patient has in the clinical record system.
SSN_Last4__c | SSN (last four) | encryptedstring | directory | length: 4 | pii | restricted
Emergency_Contact_Name__c | Emergency contact | string | directory
Emergency_Contact_Phone__c | Emergency contact phone | phone | directory
Diagnosis__c | Primary diagnosis | picklist | clinical | hipaa | restricted
 | values: Androgenetic alopecia; Atopic dermatitis; Endometriosis; Generalised anxiety; Sleep apnoea
 | help: As coded by the clinician at the last visit. Not for mailings.
Secondary_Diagnosis__c | Other diagnoses | longtext | clinical | hipaa | restricted
Diagnosis_Code__c | ICD-10 code | string | clinical | length: 10
Primary_Concern__c | What the patient mainly came for | picklist | clinical
 | values: Hair loss; Trying to conceive; Low mood; Poor sleep; Skin flare-up
Current_Medications__c | Current medication | longtext | clinical | hipaa | restricted
Allergies__c | Allergies and reactions | longtext | clinical | hipaa
Treatment_History__c | Earlier treatment | longtext | clinical
Height_Cm__c | Height (cm) | double | clinical
Weight_Kg__c | Weight (kg) | double | clinical
BMI__c | BMI | double | clinical | formula: Weight_Kg__c / ((Height_Cm__c / 100) ^ 2)
Smoking_Status__c | Smoking | picklist | clinical | values: Never; Former; Current
Alcohol_Use__c | Drinks per week | picklist | behavioural | values: None; 1-7; 8-14; 15 or more
Family_History__c | Family history | longtext | clinical
Referring_Physician__c | Referring doctor | string | clinical
Attending_Clinician__c | Attending clinician | reference | clinical | to: User
Care_Team__c | Care team | picklist | clinical | values: Fertility; Dermatology; Behavioural health; Sleep
Program_Status__c | Programme status | picklist | clinical
 | values: Enrolled; On hold; Completed; Discharged; Did not start
Care_Level__c | Level of care | picklist | clinical | values: Self-guided; Outpatient; Intensive outpatient
Last_Service_Date__c | Last date of service | date | scheduling
 | help: Start of the retention period for the patient record.
Next_Visit_Date__c | Next visit | date | scheduling
Preferred_Clinic__c | Preferred clinic | picklist | scheduling
 | values: Harbor Street Fertility; Northpoint Skin and Hair; Elm House Behavioural; Tidewater Sleep
No_Show_Count__c | Missed visits | double | scheduling
First_Visit_Date__c | First visit | date | scheduling
Fertility_Journey_Stage__c | Stage of the fertility journey | picklist | fertility | restricted
 | values: Exploring; Testing; In cycle; Pregnant; Paused
Last_Cycle_Date__c | Last cycle start | date | fertility
AMH_Level__c | AMH (ng/mL) | double | fertility
Embryos_Stored__c | Embryos in storage | double | fertility | hipaa
Partner_Semen_Analysis__c | Partner semen analysis | longtext | fertility
Pregnancy_Outcome__c | Outcome of last transfer | picklist | fertility
 | values: Ongoing; Live birth; Loss; Negative
Genetic_Carrier_Screen__c | Carrier screening result | picklist | fertility
 | values: Negative; Carrier; Not tested
Hair_Loss_Stage__c | Hair-loss stage | picklist | skin | values: I; II; III; IV; V; VI; VII
Skin_Type__c | Skin type | picklist | skin | values: I; II; III; IV; V; VI
Lesion_Photo_Url__c | Photo of the affected area | url | skin
Isotretinoin_Program__c | On isotretinoin | boolean | skin
PHQ9_Score__c | PHQ-9 total | double | behavioural | hipaa
GAD7_Score__c | GAD-7 total | double | behavioural
Therapist__c | Therapist | reference | behavioural | to: User
Safety_Plan_On_File__c | Safety plan on file | boolean | behavioural
Sobriety_Date__c | Sober since | date | behavioural | restricted
Sleep_Score_Band__c | Sleep quiz band | picklist | sleep | values: Rested; Restless; Exhausted
Epworth_Score__c | Epworth total | double | sleep
CPAP_Device_Serial__c | CPAP serial number | string | sleep
AHI__c | Apnoea-hypopnoea index | double | sleep
Insurance_Payer__c | Insurance company | string | coverage
Member_Number__c | Member number | string | coverage | hipaa
Balance_Due__c | Balance due for care | currency | coverage
HIPAA_Authorization__c | Authorisation on file | picklist | consent
 | values: None; Treatment only; Treatment and marketing
Care_Snapshot__c | Care snapshot | string | clinical
 | formula: TEXT(Diagnosis__c) & " / " & TEXT(Program_Status__c)
Segment_Hint__c | Audience segment hint | string | clinical
 | formula: IF(ISPICKVAL(Primary_Concern__c, "Hair loss"), "HL", LEFT(Care_Snapshot__c, 4))
 | help: Short code for building audiences.
Email_Opt_Out_Reason__c | Reason for opting out | picklist | marketing
 | values: Too many mails; Not relevant; Other
Newsletter_Topics__c | Newsletter subscriptions | multipicklist | marketing | values: News; Events; Recipes
First_Touch_UTM__c | First touch source | string | marketing
Lead_Score__c | Engagement score | double | marketing
Email_Bounce_Count__c | Bounced mails | double | marketing
Page_Orientation__c | Letter orientation | picklist | ops | values: Portrait; Landscape
Loyalty_Tier__c | Newsletter tier | picklist | marketing | values: Bronze; Silver; Gold
Import_Batch__c | Import batch | string | ops
Legacy_Score__c | Legacy score | double | ops
Duplicate_Check__c | Duplicate check | picklist | ops | values: Clean; Suspect; Merged
"""

_LEAD: Final = """
Company | Company | string | directory | fixed
Status | Status | picklist | marketing | fixed | values: New; Working; Nurturing; Unqualified; Converted
IsConverted | Converted | boolean | system | fixed
ConvertedDate | Converted Date | date | system | fixed
ConvertedContactId | Converted Contact ID | reference | system | fixed | to: Contact
LastActivityDate | Last Activity | date | system | fixed
Address | Address | address | directory | pii
Street | Street | textarea | directory | of: Address
City | City | string | directory | of: Address | length: 40
State | State/Province | string | directory | of: Address | length: 80
PostalCode | Zip/Postal Code | string | directory | of: Address | length: 20
Country | Country | string | directory | of: Address | length: 80
Email | Email | email | directory | pii
Phone | Phone | phone | directory | pii
MobilePhone | Mobile Phone | phone | directory | pii
Title | Title | string | directory | length: 128
Website | Website | url | ops
LeadSource | Lead Source | picklist | marketing | values: Web; Phone; Referral; Event; Partner agency
Rating | Rating | picklist | marketing | values: Hot; Warm; Cold
Industry | Industry | picklist | ops | values: Employer; School; Insurer; Other
NumberOfEmployees | No. of Employees | int | ops
Description | Description | longtext | note
HasOptedOutOfEmail | Email Opt Out | boolean | marketing
DoNotCall | Do Not Call | boolean | marketing
Birthdate__c | Date of birth | date | directory | pii
Reason_for_Visit__c | Reason for visit | picklist | clinical | required | hipaa
 | values: Hair loss; Trying to conceive; Anxiety or low mood; Sleep problems; Skin condition
 | help: Asked on every web form. Required so that no enquiry arrives without it.
Treatment_of_Interest__c | Treatment of interest | picklist | clinical | confidential
 | values: IVF; Egg freezing; Hair transplant; Isotretinoin; Ketamine therapy; CPAP; CBT-I
Condition_Duration__c | How long have you had this? | picklist | clinical | values: Weeks; Months; Years
Other_Symptoms__c | Anything else we should know? | longtext | clinical
Current_Treatment__c | Current treatment elsewhere | longtext | clinical
Taking_Medication__c | Taking any medication? | boolean | clinical
Hair_Quiz_Stage__c | Hair quiz result | picklist | skin | values: Early; Moderate; Advanced
Photo_Upload_Url__c | Uploaded photo | url | skin
Fertility_Quiz_Score__c | Fertility quiz score | double | fertility
Months_Trying__c | Months trying to conceive | double | fertility
Partner_Status__c | Trying with | picklist | fertility | values: Partner; Donor; Not sure
Mood_Quiz_Score__c | Mood check score | double | behavioural
In_Crisis__c | Needs help now | boolean | behavioural | restricted
Lying_Down__c | Lying down in the afternoon | picklist | sleep | values: Never doze; Slight; Moderate; High
Watching_TV__c | Watching TV | picklist | sleep | values: Never doze; Slight; Moderate; High
Snoring__c | Has anyone heard you snore? | boolean | sleep
Preferred_Clinic__c | Clinic | picklist | scheduling
 | values: Harbor Street Fertility; Northpoint Skin and Hair; Elm House Behavioural; Tidewater Sleep
Consult_Status__c | Consult status | picklist | scheduling | values: Not booked; Booked; Attended; Missed
Consult_Date__c | Consult date | date | scheduling
Referral_Doctor__c | Referring doctor | string | scheduling
Insurance_Payer__c | Insurance company | string | coverage
Insurance_Plan__c | Plan | string | coverage
Care_Financing__c | Care financing | picklist | coverage | values: Not asked; Applied; Approved; Declined
Contact_Consent__c | May we contact you about care? | boolean | consent
Call_Notes__c | Call notes | longtext | note
Chat_Transcript__c | Chat transcript | longtext | note
Recording_Url__c | Call recording | url | note
UTM_Source__c | UTM source | string | marketing
UTM_Medium__c | UTM medium | string | marketing
UTM_Campaign__c | UTM campaign | string | marketing
Landing_Page__c | Landing page version | picklist | marketing | values: A; B; C
Treatment_Group__c | Treatment group (A/B test) | picklist | marketing | values: Control; Variant A; Variant B
 | help: Which variant of the landing page the visitor was shown.
Carrier__c | Phone carrier | picklist | marketing | values: Northline; Bluewave; Other
Engagement_Score__c | Engagement score | double | marketing
Emails_Opened__c | Mails opened | double | marketing
SMS_Opt_Out__c | SMS opt-out | boolean | marketing
Email_Opt_Out__c | Newsletter opt-out | boolean | marketing
First_Response_Minutes__c | Minutes to first response | double | ops
Routing_Queue__c | Routing queue | picklist | ops | values: Web; Phone; Partner
Dedupe_Key__c | De-duplication key | string | ops
Language_Form__c | Language of the form | picklist | marketing | values: English; Spanish; Arabic; Hebrew
Form_Label_Check__c | Form label check | string | ops
Local_Reason_Label__c | Reason (local form) | string | clinical
"""

_ACCOUNT: Final = """
BillingAddress | Billing Address | address | directory
BillingStreet | Billing Street | textarea | directory | of: BillingAddress
BillingCity | Billing City | string | directory | of: BillingAddress | length: 40
BillingPostalCode | Billing Zip/Postal Code | string | directory | of: BillingAddress | length: 20
Type | Account Type | picklist | ops | values: Household; Employer; Supplier; Referral practice
Industry | Industry | picklist | ops | values: Employer; Health; Logistics; Telecom
Phone | Account Phone | phone | directory
Website | Website | url | ops
AnnualRevenue | Annual Revenue | currency | ops
NumberOfEmployees | Employees | int | ops
Description | Account Description | longtext | note
ParentId | Parent Account ID | reference | link | to: Account
LastActivityDate | Last Activity | date | system | fixed
Payment_Condition__c | Payment condition | picklist | ops | values: Net 15; Net 30; Prepaid
 | help: Terms agreed with suppliers.
Service_Provider__c | Internet service provider | picklist | ops | values: Northline; Bluewave; None
Account_Health__c | Account health | picklist | ops | values: Green; Amber; Red
Contract_Termination__c | Contract termination date | date | ops
Freight_Carrier__c | Freight carrier | string | ops
Delivery_Date__c | Next delivery date | date | ops
Vendor_Policy_Number__c | Liability policy no. | string | ops
Purchase_Order_Procedure__c | Ordering procedure | picklist | ops | values: Portal; Mail; Phone
Premium_Partner__c | Premium partner | boolean | ops
Employer_Wellness_Program__c | Has a staff programme | boolean | ops
Household_Size__c | Household size | double | directory
Household_Notes__c | Household notes | longtext | note
Referral_Volume__c | Referrals last quarter | double | ops
Tax_Id_Type__c | Tax id type | picklist | ops | values: EIN; VAT; None
Region__c | Region | picklist | ops | values: North; South; Coast
"""

_CASE: Final = """
CaseNumber | Case Number | string | system | fixed | auto
Status | Status | picklist | ops | fixed | values: New; Working; Waiting; Closed
IsClosed | Closed | boolean | system | fixed
ClosedDate | Closed Date | datetime | ops
ContactEmail | Contact Email | email | system | fixed
ContactPhone | Contact Phone | phone | system | fixed
ContactId | Contact ID | reference | link | to: Contact
AccountId | Account ID | reference | link | to: Account
Subject | Subject | string | note
Description | Description | longtext | note
Priority | Priority | picklist | ops | values: Low; Medium; High
Origin | Case Origin | picklist | ops | values: Phone; Email; Web
Type | Case Type | picklist | ops | values: Question; Complaint; Device; Billing
Reason | Case Reason | picklist | ops | values: Access; Quality; Price; Other
IsEscalated | Escalated | boolean | ops
Complaint_Details__c | What happened | longtext | note
Adverse_Event__c | Adverse event | boolean | clinical | hipaa
Adverse_Event_Type__c | Type of adverse event | picklist | clinical | values: Reaction; Infection; Fall; Other
Body_Site__c | Body site | picklist | clinical | values: Scalp; Face; Abdomen; Other
Clinician_Response__c | Clinician's response | longtext | clinical
Follow_Up_Medication__c | Medication advised | string | clinical
Related_Visit_Date__c | Date of the visit in question | date | scheduling
Disputed_Claim_Number__c | Disputed claim | string | coverage
Refund_Amount__c | Refund of treatment fee | currency | coverage
Battery_Discharge__c | Tracker battery discharge (%) | double | ops
Device_Temperature__c | Device temperature (°C) | double | ops
Symptom_Of_Fault__c | Fault symptom | picklist | ops | values: No sync; No charge; Broken strap
Recall_Number__c | Product recall number | string | ops
Response_Template__c | Response template | string | ops
Aging_Days__c | Age (days) | double | ops
"""

_OPPORTUNITY: Final = """
StageName | Stage | picklist | ops | fixed | values: Enquiry; Consult; Quoted; Won; Lost
CloseDate | Close Date | date | ops | fixed
IsClosed | Closed | boolean | system | fixed
IsWon | Won | boolean | system | fixed
LastActivityDate | Last Activity | date | system | fixed
AccountId | Account ID | reference | link | to: Account
CampaignId | Campaign ID | reference | link | to: Campaign
Amount | Amount | currency | coverage
Probability | Probability (%) | percent | ops
Type | Opportunity Type | picklist | ops | values: New; Returning
LeadSource | Lead Source | picklist | marketing | values: Web; Phone; Referral; Event; Partner agency
NextStep | Next Step | string | note
Description | Description | longtext | note
Patient__c | Patient | reference | link | to: Contact
Package__c | Treatment package | picklist | clinical
 | values: IVF single cycle; Egg freezing; Hair transplant 2000; Ketamine series; CPAP set-up
Treatment_Plan_Summary__c | Plan in short | longtext | clinical
Sessions_Quoted__c | Sessions quoted | double | clinical
Lost_Reason__c | Why it did not start | picklist | clinical
 | values: Price; Patient unwell; Pregnant; Went elsewhere
Medication_Cost__c | Medication cost | currency | coverage
Payer_Approval__c | Payer approval | picklist | coverage | values: Not needed; Asked; Approved; Denied
Financing_Partner__c | Financing partner | string | coverage
Deposit_Paid__c | Deposit paid | currency | coverage
Consult_Date__c | Consult date | date | scheduling
Attribution_Model__c | Attribution model | picklist | marketing | values: First touch; Last touch; Even
Campaign_Cost_Share__c | Share of campaign cost | currency | marketing
Competitor__c | Competitor | string | marketing
Quote_Version__c | Quote version | double | ops
Discount_Code__c | Discount code | string | marketing
Quote_Condition__c | Terms and conditions version | picklist | ops | values: 2024; 2025; 2026
Forecast_Operation__c | Forecast operation | picklist | ops | values: Count; Sum; Max
"""

_CAMPAIGN: Final = """
Type | Type | picklist | marketing | values: Email; Event; Paid search; Social; Partner
Status | Status | picklist | marketing | values: Planned; In Progress; Completed; Aborted
StartDate | Start Date | date | marketing
EndDate | End Date | date | marketing
IsActive | Active | boolean | marketing
ActualCost | Actual Cost | currency | marketing
BudgetedCost | Budgeted Cost | currency | marketing
ExpectedResponse | Expected Response (%) | percent | marketing
NumberSent | Num Sent | double | marketing
Description | Description | longtext | marketing
ParentId | Parent Campaign ID | reference | link | to: Campaign
LastActivityDate | Last Activity | date | system | fixed
Channel_Owner__c | Channel owner | reference | marketing | to: User
Treatment__c | Creative treatment | picklist | marketing | values: Photo; Illustration; Text only
Delivery_Date__c | Print delivery date | date | marketing
Campaign_Health_Score__c | Campaign health score | double | marketing
Admission_Price__c | Admission price | currency | marketing
Patient_Count__c | Patients reached (count) | double | marketing
Suppression_List__c | Suppression list | string | marketing
Conversion_Goal__c | Conversion goal | double | marketing
Send_Provider__c | Mail provider | picklist | marketing | values: Northline Mail; In-house
Brand__c | Brand | picklist | marketing | values: Harborview; Northpoint; Tidewater
"""

_CAMPAIGN_MEMBER: Final = """
CampaignId | Campaign ID | reference | link | fixed | to: Campaign
LeadId | Lead ID | reference | link | fixed | to: Lead
ContactId | Contact ID | reference | link | fixed | to: Contact
Status | Status | picklist | marketing | values: Sent; Opened; Responded
HasResponded | Responded | boolean | system | fixed
FirstRespondedDate | First Responded Date | date | system | fixed
LeadSource | Lead Source | picklist | marketing | values: Web; Phone; Referral; Event; Partner agency
Interest_Area__c | Area of interest | picklist | clinical | values: Fertility; Skin and hair; Mind; Sleep
Survey_Answer__c | Survey answer | longtext | clinical
Webinar_Question__c | Question asked | longtext | note
Attended_Webinar__c | Attended | boolean | marketing
Voucher_Code__c | Voucher code | string | marketing
Seat__c | Seat | string | marketing
Badge_Printed__c | Badge printed | boolean | marketing
Delivery_Status__c | Mail delivery status | picklist | marketing | values: Delivered; Bounced; Deferred
Clicks__c | Clicks | double | marketing
Variant__c | Variant | picklist | marketing | values: A; B
Source_List__c | Source list | string | marketing
"""

_ACTIVITY: Final = """
Call_Outcome__c | Call outcome | picklist | ops | values: Reached; Voicemail; Wrong number
Clinical_Follow_Up__c | Clinical follow-up needed | picklist | clinical
 | values: None; Nurse; Physician; Urgent
Symptom_Reported__c | Symptom reported on the call | string | clinical | hipaa
Visit_Summary__c | Visit summary | longtext | clinical
Coaching_Score__c | Call coaching score | double | ops
Script_Version__c | Script version | picklist | ops | values: 2025-1; 2026-1
Campaign_Code__c | Campaign code | string | marketing
Interpreter_Language__c | Interpreter | picklist | scheduling | values: None; Spanish; Arabic; Mandarin
"""

_TASK: Final = """
Subject | Subject | string | note
Description | Comments | longtext | note
Status | Status | picklist | ops | fixed | values: Open; Completed; Deferred
Priority | Priority | picklist | ops | fixed | values: Low; Normal; High
ActivityDate | Due Date Only | date | ops
IsClosed | Closed | boolean | system | fixed
Type | Type | picklist | ops | values: Call; Mail; Text
WhoId | Name ID | reference | link | to: Contact
WhatId | Related To ID | reference | link | to: Case
CallDurationInSeconds | Call Duration | int | ops
"""

_EVENT: Final = """
Subject | Subject | string | note | fixed
ActivityDate | Due Date Only | date | ops | fixed
StartDateTime | Start Date Time | datetime | ops | fixed
DurationInMinutes | Duration | int | ops | fixed
Description | Description | longtext | note
Location | Location | string | scheduling
Type | Type | picklist | ops | values: Consult; Meeting; Webinar
WhoId | Name ID | reference | link | to: Contact
WhatId | Related To ID | reference | link | to: Case
IsPrivate | Private | boolean | ops | fixed
"""

_INTAKE: Final = """
Patient__c | Patient | reference | link | to: Contact
Lead__c | Enquiry | reference | link | to: Lead
Status__c | Status | picklist | ops | values: Open; In review; Accepted; Closed
Program__c | Programme | picklist | clinical | values: Fertility; Dermatology; Behavioural health; Sleep
Closed_Date__c | Closed on | date | ops | help: Start of the retention period for intakes.
Received_Date__c | Received on | date | ops
Chief_Complaint__c | Chief complaint | longtext | clinical | hipaa | restricted
History_Of_Present_Illness__c | History of present illness | longtext | clinical | hipaa
Past_Surgeries__c | Past surgery | longtext | clinical
Current_Medications__c | Medication list | longtext | clinical | hipaa
Drug_Allergies__c | Drug allergies | longtext | clinical
Blood_Pressure__c | Blood pressure | string | clinical
Pulse__c | Pulse | double | clinical
Pain_Level__c | Pain (0-10) | double | clinical
Immunizations__c | Immunisations up to date | boolean | clinical
HIV_Test_Result__c | HIV test | picklist | clinical | values: Negative; Positive; Not tested | restricted
Disability__c | Disability or access needs | longtext | clinical
Housing_Concern__c | Worried about housing | boolean | clinical
Feels_Safe_At_Home__c | Feels safe at home | picklist | clinical | values: Yes; No; Prefer not to say
Primary_Care_Doctor__c | Family doctor | string | clinical
Risk_Score__c | Intake risk score | double | clinical
Reviewer_Assessment__c | Reviewer's assessment | longtext | clinical
Menstrual_History__c | Menstrual history | longtext | fertility
Previous_Pregnancies__c | Previous pregnancies | double | fertility
Previous_Losses__c | Previous losses | double | fertility
Contraception__c | Contraception | picklist | fertility | values: None; Pill; IUD; Other
Semen_Analysis_Date__c | Semen analysis done on | date | fertility
Donor_Interest__c | Considering a donor | boolean | fertility
Genetic_Condition_In_Family__c | Genetic condition in the family | longtext | fertility
Affected_Areas__c | Affected areas | multipicklist | skin | values: Scalp; Face; Hands; Back
Itch_Severity__c | Itch (0-10) | double | skin
Hair_Products__c | Products used so far | longtext | skin
Sun_Exposure__c | Sun exposure | picklist | skin | values: Low; Medium; High
Substance_Use_History__c | Substance use history | longtext | behavioural | hipaa | restricted
Drug_Of_Choice__c | Substance of concern | picklist | behavioural
 | values: None; Alcohol; Opioids; Cannabis; Other
Suicidal_Thoughts__c | Thoughts of self-harm | picklist | behavioural | values: Never; In the past; Now
 | restricted
PHQ9_Item_1__c | Little interest or pleasure | picklist | behavioural | values: 0; 1; 2; 3
PHQ9_Item_2__c | Feeling down | picklist | behavioural | values: 0; 1; 2; 3
Previous_Therapy__c | Earlier therapy | longtext | behavioural
Session_Notes__c | Session notes | longtext | behavioural | restricted
Sleep_Hours__c | Hours of sleep | double | sleep
Snoring_Partner_Report__c | What your partner hears | longtext | sleep
Shift_Work__c | Works night shifts | boolean | sleep
Restless_Legs__c | Restless legs | boolean | sleep
Study_Type__c | Sleep study ordered | picklist | sleep | values: Home; Lab; None
Preferred_Clinic__c | Clinic | picklist | scheduling
 | values: Harbor Street Fertility; Northpoint Skin and Hair; Elm House Behavioural; Tidewater Sleep
Requested_Visit_Date__c | Requested visit | date | scheduling
Insurance_Card_Url__c | Insurance card scan | url | coverage
Self_Pay__c | Paying privately | boolean | coverage
Treatment_Consent__c | Treatment consent signed | boolean | consent
Consent_Signature_Date__c | Consent signed on | date | consent
Intake_Notes__c | Intake notes | longtext | note
Caller_Remarks__c | Remarks of the caller | longtext | note
Form_Version__c | Form version | picklist | ops | values: 3; 4; 5
Completed_Minutes__c | Minutes to complete | double | ops
Visit_Count__c | Number of plans | double | ops | rollup: count Treatment_Plan__c.Intake__c
Latest_Session__c | Latest session | date | clinical
 | rollup: max Treatment_Plan__c.Intake__c Treatment_Plan__c.Last_Session_Date__c
"""

_APPOINTMENT: Final = """
Patient__c | Patient | reference | link | to: Contact
Clinician__c | Clinician | reference | scheduling | to: User
Appointment_Date__c | Date of visit | date | scheduling
Start_Time__c | Start | datetime | scheduling
Status__c | Status | picklist | scheduling | values: Booked; Arrived; Completed; No-show; Cancelled
Visit_Type__c | Visit type | picklist | scheduling
 | values: Consult; Follow-up; Procedure; Therapy session; Sleep study
Clinic__c | Clinic | picklist | scheduling
 | values: Harbor Street Fertility; Northpoint Skin and Hair; Elm House Behavioural; Tidewater Sleep
Room__c | Room | string | scheduling
Telehealth__c | Telehealth | boolean | scheduling
Reason__c | Reason for the appointment | longtext | clinical
Procedure_Code__c | Procedure code (CPT) | string | clinical | hipaa
Procedure_Performed__c | Procedure performed | string | clinical
Visit_Diagnosis__c | Visit diagnosis | string | clinical | hipaa
Vitals__c | Vitals | string | clinical
Lab_Ordered__c | Lab ordered | string | clinical
Lab_Result__c | Lab result | longtext | clinical | restricted
Prescription__c | Prescription written | string | clinical
Clinical_Note__c | Clinical note | longtext | clinical | restricted
Discharge_Instructions__c | Discharge instructions | longtext | clinical
Follow_Up_Weeks__c | Follow-up in (weeks) | double | clinical
Copay_Collected__c | Co-pay collected | currency | coverage
Visit_Charge__c | Charge | currency | coverage
Claim_Number__c | Claim number | string | coverage
Front_Desk_Note__c | Front desk note | longtext | note
Cancel_Reason__c | Reason for cancelling | longtext | note
Reminder_Sent__c | Reminder sent | boolean | ops
Reminder_Channel__c | Reminder channel | picklist | ops | values: Text; Mail; Call
Slot_Capacity__c | Slot capacity | double | ops
Check_In_Kiosk__c | Kiosk | string | ops
Parking_Validated__c | Parking validated | boolean | ops
"""

_TREATMENT_PLAN: Final = """
Intake__c | Intake | reference | link | master: Plans | to: Intake__c
Plan_Status__c | Plan status | picklist | clinical | values: Draft; Active; Completed; Stopped
Plan_Type__c | Type of plan | picklist | clinical | values: IVF; Derm course; Therapy; Sleep coaching
Goals__c | Goals | longtext | clinical | hipaa
Recommendation__c | Recommendation | longtext | clinical
Protocol__c | Protocol | string | clinical
Drug_1__c | Drug | string | clinical | hipaa
Dose_1__c | Dose | string | clinical
Drug_2__c | Second drug | string | clinical
Dose_2__c | Second dose | string | clinical
Start_Date__c | Start | date | clinical
Last_Session_Date__c | Last session | date | clinical
Sessions_Planned__c | Sessions planned | double | clinical
Sessions_Done__c | Sessions done | double | clinical
Progress_Note__c | Progress note | longtext | clinical | restricted
Side_Effects__c | Side effects | longtext | clinical
Stop_Reason__c | Why it was stopped | picklist | clinical
 | values: Finished; Side effects; Pregnant; Patient choice
Embryo_Transfer_Date__c | Embryo transfer | date | fertility
Stimulation_Days__c | Stimulation days | double | fertility
Trigger_Shot__c | Trigger shot | string | fertility
Lesion_Response__c | Response of the skin | picklist | skin | values: Clear; Better; Same; Worse
Therapy_Modality__c | Kind of therapy | picklist | behavioural | values: CBT; EMDR; Group; Ketamine-assisted
Counseling_Note__c | Counselling note | longtext | behavioural | restricted
Mask_Type__c | CPAP mask | picklist | sleep | values: Nasal; Full face; Pillow
Adherence_Hours__c | CPAP hours per night | double | sleep
Assigned_Clinician__c | Clinician | reference | clinical | to: User
Plan_Price__c | Price of the plan | currency | coverage
Prior_Authorization__c | Prior authorisation no. | string | coverage
Template_Version__c | Template version | picklist | ops | values: 1; 2
Print_Layout__c | Print layout | picklist | ops | values: Short; Long
"""

_CONSENT: Final = """
Patient__c | Patient | reference | link | to: Contact
Consent_Type__c | Type of consent | picklist | consent
 | values: Treatment; Release of information; Photo; Research; Marketing authorisation
Scope__c | Scope | longtext | consent | hipaa
Signed_On__c | Signed on | date | consent
Expires_On__c | Valid until | date | consent
Revoked__c | Revoked | boolean | consent
Revoked_On__c | Revoked on | date | consent
Signed_By__c | Signed by | string | consent
Guardian_Name__c | Guardian | string | consent
Witness__c | Witness | string | consent
Document_Url__c | Signed form | url | consent
Consent_IP__c | IP address at signing | string | consent | pii
Part_2_Release__c | Release of substance use records | boolean | behavioural | restricted
Disclosure_Recipient__c | Disclosed to | string | consent
Remarks__c | Remarks | longtext | note
Form_Code__c | Form code | picklist | ops | values: C-10; C-11; C-12
Channel__c | Channel | picklist | ops | values: Paper; Portal; Tablet
Template_Language__c | Language of the form | picklist | ops | values: English; Spanish; Arabic
"""

_INSURANCE: Final = """
Patient__c | Patient | reference | link | to: Contact
Payer__c | Payer | string | coverage
Plan_Name__c | Plan | string | coverage
Member_ID__c | Member ID | encryptedstring | coverage | length: 30 | hipaa | restricted
Group_Number__c | Group number | string | coverage | hipaa
Subscriber_Name__c | Subscriber | string | coverage
Subscriber_Birthdate__c | Subscriber's date of birth | date | coverage
Relationship__c | Relationship to subscriber | picklist | coverage | values: Self; Partner; Child
Medicaid__c | Medicaid | boolean | coverage
Effective_From__c | Effective from | date | coverage
Effective_To__c | Effective to | date | coverage
Deductible__c | Deductible | currency | coverage
Deductible_Met__c | Deductible met | currency | coverage
Copay__c | Co-pay | currency | coverage
Eligibility_Status__c | Eligibility | picklist | coverage | values: Active; Lapsed; Unknown
Prior_Authorization__c | Prior authorisation | string | coverage
Last_Claim_Number__c | Last claim | string | coverage
Denial_Reason__c | Denial reason | picklist | coverage | values: Not covered; Coding; Late; Other
Billing_Diagnosis__c | Diagnosis on the claim | string | clinical | hipaa | restricted
Claim_Modifier__c | Modifier | string | coverage
Card_Front_Url__c | Card (front) | url | coverage
Card_Back_Url__c | Card (back) | url | coverage
Verification_Notes__c | Verification notes | longtext | note
Verified_By__c | Verified by | reference | ops | to: User
Source_System__c | Source system | picklist | ops | values: Portal; Clearing house; Manual
"""

_USER: Final = """
Clinician_NPI__c | NPI | string | ops | length: 10
Credential__c | Credential | picklist | ops | values: MD; NP; RN; LCSW; None
License_Number__c | Licence number | string | ops
Residency_Program__c | Residency programme | string | ops
Work_Site__c | Work site | picklist | ops | values: Harbor Street; Northpoint; Elm House; Tidewater; Remote
Badge_Number__c | Badge number | string | ops
Onboarded_On__c | Onboarded on | date | ops
Training_Expires__c | Privacy training valid until | date | ops
"""

_TABLES: Final[Mapping[str, str]] = {
    "Contact": _CONTACT,
    "Lead": _LEAD,
    "Account": _ACCOUNT,
    "Case": _CASE,
    "Opportunity": _OPPORTUNITY,
    "Campaign": _CAMPAIGN,
    "CampaignMember": _CAMPAIGN_MEMBER,
    "Task": _TASK + _ACTIVITY,
    "Event": _EVENT + _ACTIVITY,
    "Intake__c": _INTAKE,
    "Appointment__c": _APPOINTMENT,
    "Treatment_Plan__c": _TREATMENT_PLAN,
    "Consent__c": _CONSENT,
    "Insurance_Policy__c": _INSURANCE,
    "User": _USER,
}

_OBJECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Contact": {"internalSharingModel": "Private"},
    "Lead": {"internalSharingModel": "ReadWrite"},
    "Account": {"internalSharingModel": "Private"},
    "Case": {"internalSharingModel": "Private"},
    "Opportunity": {"internalSharingModel": "Private", "labelPlural": "Opportunities"},
    "Campaign": {"internalSharingModel": "Read"},
    "CampaignMember": {
        "label": "Campaign Member",
        "internalSharingModel": "ControlledByParent",
        "externalSharingModel": "ControlledByParent",
        "owner": False,
    },
    "Task": {"internalSharingModel": "Private"},
    "Event": {"internalSharingModel": "Private"},
    "Intake__c": {"keyPrefix": "a00", "internalSharingModel": "Private"},
    "Appointment__c": {"keyPrefix": "a01", "internalSharingModel": "Private"},
    "Treatment_Plan__c": {
        "keyPrefix": "a02",
        "internalSharingModel": "ControlledByParent",
        "externalSharingModel": "ControlledByParent",
    },
    "Consent__c": {"keyPrefix": "a03", "internalSharingModel": "Private"},
    "Insurance_Policy__c": {
        "keyPrefix": "a04",
        "labelPlural": "Insurance Policies",
        "internalSharingModel": "Private",
    },
    "User": {},
}

HOSTILE_LABELS: Final[Mapping[str, str]] = {
    "Contact.Legacy_Score__c": "=Legacy score (do not use)",
    "Contact.Duplicate_Check__c": "Duplicate check\n(nightly)",
    "Lead.Form_Label_Check__c": "<script>alert('label')</script>",
    "Lead.Local_Reason_Label__c": "סיבת הפנייה",
    "Campaign.Suppression_List__c": "Suppression list 🚫",
    "Account.Region__c": "Region \u202etsaoC",
}
"""Labels that break careless reports: a formula, markup, a line break, right-to-left text, an emoji."""

OBJECT_NAMES: Final = tuple(_TABLES)


def fields() -> tuple[FieldSpec, ...]:
    """Return every listed field of the demo org, object by object."""
    return tuple(field for name in OBJECT_NAMES for field in _fields_of(name))


def objects() -> dict[str, Any]:
    """Return the fixture's ``objects`` key."""
    described: dict[str, Any] = {}
    for name in OBJECT_NAMES:
        private = {} if name == "User" else {"externalSharingModel": "Private"}
        listed = [dict(field.attributes) for field in FIELDS if field.object == name]
        described[name] = {**private, **_OBJECTS[name], "fields": listed}
    return described


def _fields_of(object_name: str) -> Iterator[FieldSpec]:
    if object_name in {"Contact", "Lead"}:
        yield from _person_name(object_name)
    for line in _logical_lines(_TABLES[object_name]):
        yield _field(object_name, line)


def _person_name(object_name: str) -> Iterator[FieldSpec]:
    part = {"type": "string", "permissionable": False, "extraTypeInfo": "personname"}
    whole = {"nameField": True, "createable": False, "updateable": False, "nillable": False, "length": 121}
    rows: tuple[dict[str, Any], ...] = (
        {
            "name": "LastName",
            "label": "Last Name",
            "length": 80,
            "nillable": False,
            "compoundFieldName": "Name",
        },
        {"name": "FirstName", "label": "First Name", "length": 40, "compoundFieldName": "Name"},
        {"name": "Salutation", "label": "Salutation", "length": 40, "compoundFieldName": "Name"},
        {"name": "Name", "label": "Full Name", **whole},
    )
    for row in rows:
        yield FieldSpec(object_name, "directory", MappingProxyType({**row, **part}))


def _logical_lines(table: str) -> Iterator[str]:
    pending = ""
    for line in table.strip().splitlines():
        if line.startswith(" |"):
            pending += line
            continue
        if pending:
            yield pending
        pending = line
    yield pending


def _field(object_name: str, line: str) -> FieldSpec:
    name, label, kind_of_type, kind, *options = (cell.strip() for cell in line.split(" | "))
    label = HOSTILE_LABELS.get(f"{object_name}.{name}", label)
    attributes: dict[str, Any] = {"name": name, "label": label, **_type(kind_of_type)}
    for option in options:
        word, _, argument = option.partition(": ")
        attributes.update(_option(word, argument))
    return FieldSpec(object_name, kind, MappingProxyType(attributes))


def _type(word: str) -> dict[str, Any]:
    if word == "longtext":
        return {"type": "textarea", "length": 32000, "extraTypeInfo": "plaintextarea"}
    if word == "encryptedstring":
        return {"type": word, "mask": "*", "maskType": "all"}
    return {"type": word}


def _option(word: str, argument: str) -> dict[str, Any]:
    flags: dict[str, dict[str, Any]] = {
        "fixed": {"permissionable": False},
        "required": {"required": True},
        "auto": {"autoNumber": True},
        "hipaa": {"complianceGroup": "HIPAA"},
        "pii": {"complianceGroup": "PII"},
        "restricted": {"securityClassification": "Restricted"},
        "confidential": {"securityClassification": "Confidential"},
    }
    if word in flags:
        return flags[word]
    if word == "rollup":
        return _rollup(*argument.split())
    arguments: dict[str, dict[str, Any]] = {
        "of": {"compoundFieldName": argument},
        "to": {"referenceTo": [argument]},
        "help": {"inlineHelpText": argument},
        "formula": {"calculatedFormula": argument},
        "master": {"masterDetail": True, "childRelationshipName": argument},
        "values": {"picklistValues": [_choice(value.strip()) for value in argument.split(";")]},
    }
    return {"length": int(argument)} if word == "length" else arguments[word]


def _choice(value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _rollup(operation: str, foreign_key: str, summarized: str | None = None) -> dict[str, Any]:
    source = {} if summarized is None else {"summarizedField": summarized}
    return {"summaryOperation": operation, "summaryForeignKey": foreign_key, **source}


FIELDS: Final = fields()
